package dev.rung.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Failure;
import dev.rung.image.registry.CredentialSource;
import dev.rung.image.registry.Credentials;
import dev.rung.oci.json.JsonFields;
import java.util.Base64;

/** Who a client is to a registry: X-Registry-Auth, and the body of {@code POST /auth}. */
final class RegistryAuth {
    private static final String HEADER = "X-Registry-Auth";

    private RegistryAuth() {}

    /** The header is base64 for addresses, with or without its padding. */
    static CredentialSource of(Call call) {
        String header = call.exchange().request().headers().get(HEADER);
        if (header == null || header.isEmpty()) {
            return CredentialSource.NONE;
        }
        try {
            byte[] json = Base64.getUrlDecoder().decode(header.strip().replaceAll("=+$", ""));
            Credentials credentials = read(JsonFields.read(HEADER, json));
            return _ -> credentials;
        } catch (IllegalArgumentException | Failure.Invalid e) {
            throw new Failure.Invalid("invalid X-Registry-Auth header: " + e.getMessage());
        }
    }

    static Credentials read(JsonFields fields) {
        String identity = fields.optionalText("identitytoken");
        String registry = fields.optionalText("registrytoken");
        String user = fields.optionalText("username");
        String password = fields.optionalText("password");
        String both = fields.optionalText("auth");
        if (identity != null) {
            return new Credentials.IdentityToken(identity);
        } else if (registry != null) {
            return new Credentials.RegistryToken(registry);
        } else if (user != null && password != null) {
            return new Credentials.Password(user, password);
        }
        return both == null ? Credentials.ANONYMOUS : decoded(both);
    }

    private static Credentials decoded(String both) {
        String plain = new String(Base64.getDecoder().decode(both), UTF_8);
        int colon = plain.indexOf(':');
        return colon < 0
                ? Credentials.ANONYMOUS
                : new Credentials.Password(plain.substring(0, colon), plain.substring(colon + 1));
    }
}
