package dev.rung.image.http;

import dev.rung.domain.Failure;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The files, in PEM, by which a client that is no registry's knows its server and shows who it is.
 *
 * @param authorities trusted besides the host's own; null: only those are
 * @param certificate null: none is shown
 * @param skipVerify takes any certificate for any name
 */
public record ClientCertificates(
        @Nullable Path authorities,
        @Nullable Path certificate,
        @Nullable Path key,
        boolean skipVerify) {
    /** Reads them. Invalid when one is not there, or not what it should be. */
    public SSLContext context() {
        Path shown = certificate;
        Path secret = key;
        if ((shown == null) != (secret == null)) {
            throw new Failure.Invalid("a certificate and its key are wanted both, or none");
        }
        List<Trust.ClientKey> keys =
                shown == null || secret == null
                        ? List.of()
                        : List.of(new Trust.ClientKey(shown, secret));
        List<Path> signers = authorities == null ? List.of() : List.of(authorities);
        return new TlsContexts(System.getenv()).of(new Trust(signers, keys, skipVerify, null));
    }
}
