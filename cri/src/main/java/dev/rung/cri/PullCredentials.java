package dev.rung.cri;

import dev.rung.cri.v1.AuthConfig;
import dev.rung.domain.Failure;
import dev.rung.image.registry.Credentials;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Who a kubelet says that we are to a registry. */
final class PullCredentials {
    private static final String SCHEME_END = "://";

    private PullCredentials() {}

    /** Nobody, where they are for another registry. */
    static Credentials of(AuthConfig auth, String registry) {
        if (!auth.getServerAddress().isEmpty() && !host(auth.getServerAddress()).equals(registry)) {
            return Credentials.ANONYMOUS;
        } else if (!auth.getUsername().isEmpty()) {
            return new Credentials.Password(auth.getUsername(), auth.getPassword());
        } else if (!auth.getIdentityToken().isEmpty()) {
            return new Credentials.IdentityToken(auth.getIdentityToken());
        } else if (!auth.getRegistryToken().isEmpty()) {
            return new Credentials.RegistryToken(auth.getRegistryToken());
        } else if (!auth.getAuth().isEmpty()) {
            return decoded(auth.getAuth());
        }
        return Credentials.ANONYMOUS;
    }

    /** Of an address with or without a scheme and a path; Docker Hub has several. */
    private static String host(String address) {
        int scheme = address.indexOf(SCHEME_END);
        String rest = scheme < 0 ? address : address.substring(scheme + SCHEME_END.length());
        int slash = rest.indexOf('/');
        String host = slash < 0 ? rest : rest.substring(0, slash);
        return host.equals("index.docker.io") || host.equals("registry-1.docker.io")
                ? "docker.io"
                : host;
    }

    /** USER:PASSWORD in Base64, perhaps with NUL bytes after it. */
    private static Credentials decoded(String auth) {
        String text;
        try {
            text = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw new Failure.Invalid("auth.auth is no Base64");
        }
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new Failure.Invalid("auth.auth has no user and password");
        }
        String password = text.substring(colon + 1);
        int end = password.indexOf('\0');
        return new Credentials.Password(
                text.substring(0, colon), end < 0 ? password : password.substring(0, end));
    }
}
