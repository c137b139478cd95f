package dev.rung.image.http;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** What TLS needs, made once for each {@link Trust}. */
final class TlsContexts {
    private static final char[] NO_PASSWORD = new char[0];

    private final HostAuthorities authorities;
    private final Map<Trust, SSLContext> made = new HashMap<>();

    TlsContexts(Map<String, String> environment) {
        authorities = new HostAuthorities(environment);
    }

    synchronized SSLContext of(Trust trust) {
        SSLContext context = made.get(trust);
        if (context == null) {
            try {
                context = SSLContext.getInstance("TLS");
                context.init(keys(trust), new TrustManager[] {trusted(trust)}, null);
            } catch (GeneralSecurityException | IOException e) {
                throw new Failure.Invalid("certificates: " + e.getMessage());
            }
            made.put(trust, context);
        }
        return context;
    }

    private TrustManager trusted(Trust trust) throws GeneralSecurityException, IOException {
        if (trust.skipVerify()) {
            return new TrustAll();
        }
        KeyStore store = empty();
        int count = 0;
        for (X509Certificate one : authorities.all()) {
            store.setCertificateEntry("host" + count++, one);
        }
        for (var file : trust.authorities()) {
            for (X509Certificate one : Pem.certificates(file)) {
                store.setCertificateEntry("own" + count++, one);
            }
        }
        return trusting(store);
    }

    private static TrustManager trusting(KeyStore store) throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return factory.getTrustManagers()[0];
    }

    /** Trusts what these have signed, and nobody else. */
    static TrustManager trusting(List<X509Certificate> signers)
            throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        int count = 0;
        for (X509Certificate signer : signers) {
            store.setCertificateEntry("signer" + count++, signer);
        }
        return trusting(store);
    }

    private static KeyManager @Nullable [] keys(Trust trust)
            throws GeneralSecurityException, IOException {
        return trust.clientKeys().isEmpty() ? null : keys(trust.clientKeys());
    }

    /** Those of one side of a connection. */
    static KeyManager[] keys(List<Trust.ClientKey> keys)
            throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        for (int i = 0; i < keys.size(); i++) {
            Trust.ClientKey key = keys.get(i);
            PrivateKey secret = Pem.privateKey(key.key());
            List<X509Certificate> chain = Pem.certificates(key.certificate());
            store.setKeyEntry(
                    "client" + i, secret, NO_PASSWORD, chain.toArray(new X509Certificate[0]));
        }
        var factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    /** For registries that somebody called insecure. */
    private static final class TrustAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
