package dev.rung.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One of docker's programs that keep secrets: docker-credential-NAME get, store and erase. */
final class CredentialProgram {
    private static final String TOKEN_USER = "<token>";
    private static final String UNKNOWN = "credentials not found in native keychain";
    private static final String USUAL_PATH = "/usr/local/bin:/usr/bin:/bin";
    private static final int LONGEST_ANSWER = 64 * 1024;
    private static final long PATIENCE_SECONDS = 30;

    private final String program;
    private final Map<String, String> environment;

    CredentialProgram(String name, Map<String, String> environment) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 0x80 || !Character.isLetterOrDigit(c) && (i == 0 || "._-".indexOf(c) < 0)) {
                throw new Failure.Invalid(
                        "credential helper \"%s\": want letters, digits, '.', '_' and '-'"
                                .formatted(Printable.of(name)));
            }
        }
        program = "docker-credential-" + name;
        this.environment = environment;
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

    private record Answer(boolean good, String text) {}

    private Failure failed(String verb, Answer answer) {
        return new Failure.Unavailable(
                program + " " + verb + ": " + Printable.of(answer.text().strip()), null);
    }

    /** Found by the environment's own PATH, not by the daemon's. */
    private String path() {
        for (String folder : environment.getOrDefault("PATH", USUAL_PATH).split(":")) {
            Path file = Path.of(folder).resolve(program);
            if (file.isAbsolute() && Files.isExecutable(file)) {
                return file.toString();
            }
        }
        throw new Failure.Unavailable(program + ": executable file not found in PATH", null);
    }

    private Answer run(String verb, String input) {
        var builder = new ProcessBuilder(path(), verb);
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            Process process = builder.start();
            try {
                Thread watch =
                        Thread.ofVirtual()
                                .start(() -> {
                                    try {
                                        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                                            process.destroyForcibly();
                                        }
                                    } catch (InterruptedException e) {
                                        // it has ended
                                    }
                                });
                try (var in = process.getOutputStream()) {
                    in.write((input + "\n").getBytes(UTF_8));
                } catch (IOException e) {
                    // it need not read what it does not want
                }
                byte[] text = process.getInputStream().readNBytes(LONGEST_ANSWER);
                int status = process.waitFor();
                watch.interrupt();
                return new Answer(status == 0, new String(text, UTF_8));
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new Failure.Unavailable(program + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable(program + ": interrupted", e);
        }
    }
}
