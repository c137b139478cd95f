package dev.rung.image.registry;

/** Who we are to a registry. None of them shows its secret when printed. */
public sealed interface Credentials {
    /** Nobody. */
    record Anonymous() implements Credentials {}

    /** A name and a password, or an access token in its place. */
    record Password(String user, String password) implements Credentials {
        @Override
        public String toString() {
            return "Password[user=" + user + "]";
        }
    }

    /** What the registry's token service gives tokens for (OAuth2's refresh token). */
    record IdentityToken(String token) implements Credentials {
        @Override
        public String toString() {
            return "IdentityToken[]";
        }
    }

    /** A bearer token for the registry itself. */
    record RegistryToken(String token) implements Credentials {
        @Override
        public String toString() {
            return "RegistryToken[]";
        }
    }

    Credentials ANONYMOUS = new Anonymous();
}
