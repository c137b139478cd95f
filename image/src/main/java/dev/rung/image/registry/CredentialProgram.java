package dev.rung.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.image.registry.PersonalSide.Answer;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;

/** One of docker's programs that keep secrets: docker-credential-NAME get, store and erase. */
final class CredentialProgram {
    private static final String TOKEN_USER = "<token>";
    private static final String UNKNOWN = "credentials not found in native keychain";

    private final String program;
    private final PersonalSide side;

    CredentialProgram(String name, PersonalSide side) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 0x80 || !Character.isLetterOrDigit(c) && (i == 0 || "._-".indexOf(c) < 0)) {
                throw new Failure.Invalid(
                        "credential helper \"%s\": want letters, digits, '.', '_' and '-'"
                                .formatted(Printable.of(name)));
            }
        }
        program = "docker-credential-" + name;
        this.side = side;
    }

    Credentials get(String key) {
        Answer answer = run("get", key);
        if (!answer.good()) {
            if (answer.text().strip().equals(UNKNOWN)) {
                return Credentials.ANONYMOUS;
            }
            throw failed("get", answer);
        }
        JsonFields fields = JsonFields.read(program, answer.text().getBytes(UTF_8));
        String user = fields.optionalText("Username");
        String secret = fields.optionalText("Secret");
        if (user == null || secret == null) {
            return Credentials.ANONYMOUS;
        }
        return user.equals(TOKEN_USER)
                ? new Credentials.IdentityToken(secret)
                : new Credentials.Password(user, secret);
    }

    void store(String key, Credentials credentials) {
        var writer = JsonWriter.compact().beginObject().field("ServerURL", key);
        switch (credentials) {
            case Credentials.Password(String user, String password) ->
                    writer.field("Username", user).field("Secret", password);
            case Credentials.IdentityToken(String token) ->
                    writer.field("Username", TOKEN_USER).field("Secret", token);
            default -> throw new Failure.Invalid(program + ": keeps passwords and identity tokens");
        }
        Answer answer = run("store", new String(writer.endObject().bytes(), UTF_8));
        if (!answer.good()) {
            throw failed("store", answer);
        }
    }

    void erase(String key) {
        Answer answer = run("erase", key);
        if (!answer.good()) {
            throw failed("erase", answer);
        }
    }

    private Failure failed(String verb, Answer answer) {
        return new Failure.Unavailable(
                program + " " + verb + ": " + Printable.of(answer.text().strip()), null);
    }

    private Answer run(String verb, String input) {
        return side.run(program, verb, input + "\n");
    }
}
