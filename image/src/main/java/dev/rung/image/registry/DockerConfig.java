package dev.rung.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonWriter;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The config.json of docker's command line: "auths", "credHelpers" and "credsStore". Read whenever
 * it is asked, so that a login counts at once; a helper is run for its own registry only.
 */
public final class DockerConfig implements CredentialSource {
    private static final String HUB_KEY = "https://index.docker.io/v1/";
    private static final byte[] NOTHING = "{}".getBytes(UTF_8);

    private final String file;
    private final PersonalSide side;

    /** The file's path is for messages; it need not exist. */
    public DockerConfig(String file, PersonalSide side) {
        this.file = file;
        this.side = side;
    }

    /** Those of the person's environment. */
    @Override
    public Map<String, String> proxies() {
        var proxies = new LinkedHashMap<String, String>();
        side.environment()
                .forEach((name, value) -> {
                    if (name.toLowerCase(Locale.ROOT).endsWith("_proxy")) {
                        proxies.put(name, value);
                    }
                });
        return proxies;
    }

    @Override
    public Credentials find(String registry) {
        JsonFields fields = read();
        String key = key(registry);
        CredentialProgram helper = helper(fields, registry);
        if (helper != null) {
            return helper.get(key);
        }
        JsonFields auths = fields.optionalObject("auths");
        if (auths == null) {
            return Credentials.ANONYMOUS;
        }
        JsonFields entry = auths.optionalObject(key);
        for (int i = 0; entry == null && i < auths.size(); i++) {
            if (host(auths.name(i)).equals(host(key))) {
                entry = auths.optionalObject(auths.name(i));
            }
        }
        return entry == null ? Credentials.ANONYMOUS : credentials(entry);
    }

    /** The same person, whatever is stored, with these credentials. */
    public CredentialSource as(Credentials credentials) {
        Map<String, String> proxies = proxies();
        return new CredentialSource() {
            @Override
            public Credentials find(String registry) {
                return credentials;
            }

            @Override
            public Map<String, String> proxies() {
                return proxies;
            }
        };
    }

    private JsonFields read() {
        return JsonFields.read(file, fileBytes());
    }

    private @Nullable CredentialProgram helper(JsonFields fields, String registry) {
        String name = null;
        JsonFields own = fields.optionalObject("credHelpers");
        if (own != null) {
            name = own.optionalText(registry);
            if (name == null) {
                name = own.optionalText(key(registry));
            }
        }
        if (name == null) {
            name = fields.optionalText("credsStore");
        }
        return name == null ? null : new CredentialProgram(name, side);
    }

    private static Credentials credentials(JsonFields entry) {
        String identity = entry.optionalText("identitytoken");
        if (identity != null) {
            return new Credentials.IdentityToken(identity);
        }
        String registry = entry.optionalText("registrytoken");
        if (registry != null) {
            return new Credentials.RegistryToken(registry);
        }
        String auth = entry.optionalText("auth");
        if (auth == null) {
            String user = entry.optionalText("username");
            String password = entry.optionalText("password");
            return user == null || password == null
                    ? Credentials.ANONYMOUS
                    : new Credentials.Password(user, password);
        }
        String pair;
        try {
            pair = new String(Base64.getDecoder().decode(auth.strip()), UTF_8);
        } catch (IllegalArgumentException e) {
            throw entry.invalid("auth", "want base64");
        }
        int colon = pair.indexOf(':');
        if (colon < 0) {
            throw entry.invalid("auth", "want name:password in base64");
        }
        String password = pair.substring(colon + 1);
        int end = password.length();
        while (end > 0 && password.charAt(end - 1) == 0) {
            end--; // older clients padded with NUL
        }
        return new Credentials.Password(pair.substring(0, colon), password.substring(0, end));
    }

    /** Docker Hub has an old address for a key. */
    private static String key(String registry) {
        return registry.equals(ImageName.DOCKER_HUB) ? HUB_KEY : registry;
    }

    private static String host(String key) {
        int scheme = key.indexOf("://");
        String host = scheme < 0 ? key : key.substring(scheme + 3);
        int slash = host.indexOf('/');
        return slash < 0 ? host : host.substring(0, slash);
    }

    /**
     * Remembers who we are to a registry, in its helper if it has one, else in the file; whether it
     * is the file, where everybody can read it who reads the file.
     */
    public boolean store(String registry, Credentials credentials) {
        CredentialProgram helper = helper(read(), registry);
        if (helper != null) {
            helper.store(key(registry), credentials);
        }
        change(key(registry), credentials, helper != null);
        return helper == null;
    }

    /** Forgets it; whether anything was known. */
    public boolean erase(String registry) {
        JsonFields fields = read();
        CredentialProgram helper = helper(fields, registry);
        boolean known = !find(registry).equals(Credentials.ANONYMOUS);
        if (helper != null && known) {
            helper.erase(key(registry));
        }
        JsonFields auths = fields.optionalObject("auths");
        if (auths != null && auths.has(key(registry))) {
            change(key(registry), null, false);
            return true;
        }
        return known;
    }

    /** All else in the file stays as it is. */
    private void change(String key, @Nullable Credentials credentials, boolean elsewhere) {
        JsonObject all = object(fileBytes());
        var writer = JsonWriter.indented("\t").beginObject();
        boolean written = false;
        for (int i = 0; i < all.size(); i++) {
            writer.name(all.name(i));
            if (all.name(i).equals("auths")) {
                Json auths = all.value(i);
                writeAuths(
                        writer,
                        auths instanceof JsonObject old ? old : object(NOTHING),
                        key,
                        credentials,
                        elsewhere);
                written = true;
            } else {
                writer.value(all.value(i));
            }
        }
        if (!written && credentials != null) {
            writeAuths(writer.name("auths"), object(NOTHING), key, credentials, elsewhere);
        }
        side.replace(writer.endObject().bytes());
    }

    private static void writeAuths(
            JsonWriter writer,
            JsonObject before,
            String key,
            @Nullable Credentials credentials,
            boolean elsewhere) {
        writer.beginObject();
        for (int i = 0; i < before.size(); i++) {
            if (!before.name(i).equals(key)) {
                writer.name(before.name(i)).value(before.value(i));
            }
        }
        if (credentials != null) {
            writer.name(key).beginObject();
            switch (credentials) {
                case Credentials.Password(String user, String password) when !elsewhere ->
                        writer.field(
                                "auth",
                                Base64.getEncoder()
                                        .encodeToString((user + ":" + password).getBytes(UTF_8)));
                case Credentials.IdentityToken(String token) when !elsewhere ->
                        writer.field("identitytoken", token);
                case Credentials.RegistryToken(String token) when !elsewhere ->
                        writer.field("registrytoken", token);
                default -> {}
            }
            writer.endObject();
        }
        writer.endObject();
    }

    private byte[] fileBytes() {
        byte[] text = side.read();
        return text == null || text.length == 0 ? NOTHING : text;
    }

    private JsonObject object(byte[] text) {
        if (Json.read(file, text) instanceof JsonObject object) {
            return object;
        }
        throw new Failure.Invalid(file + ": want an object");
    }
}
