package dev.rung.image.http;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The files, in PEM, by which a server shows who it is and knows its clients.
 *
 * @param authorities who signs the certificates of clients; null: nobody's is asked for
 */
public record ServerCertificates(Path certificate, Path key, @Nullable Path authorities) {
    /** Reads them. Invalid when one is not there, or not what it should be. */
    public SSLContext context() {
        try {
            KeyManager[] keys = TlsContexts.keys(List.of(new Trust.ClientKey(certificate, key)));
            var context = SSLContext.getInstance("TLS");
            Path signers = authorities;
            TrustManager[] trusted =
                    signers == null ? new TrustManager[0] : new TrustManager[] {trusted(signers)};
            context.init(keys, trusted, new SecureRandom());
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new Failure.Invalid("certificates of the server: " + e.getMessage());
        }
    }

    private static TrustManager trusted(Path file) throws GeneralSecurityException, IOException {
        List<X509Certificate> signers = Pem.certificates(file);
        return TlsContexts.trusting(signers);
    }
}
