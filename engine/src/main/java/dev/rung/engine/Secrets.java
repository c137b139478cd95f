package dev.rung.engine;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.record.RecordReading;
import dev.rung.engine.spec.SecretOption;
import dev.rung.linux.DurableFile;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Secrets on disk, readable by the engine alone: a folder each, named by its id, with the value in
 * "value" and what is told of it in "secret.json" (format 1). A folder without secret.json is what
 * an end in the middle has left.
 */
public final class Secrets {
    /** As podman's. */
    private static final int MOST_BYTES = 512_000;

    private static final String RECORD = "secret.json";
    private static final String VALUE = "value";
    private static final String DRIVER = "file";
    private static final long FORMAT = 1;
    private static final int ID_DIGITS = 25;
    private static final int LONGEST_NAME = 253;
    private static final FileAttribute<Set<PosixFilePermission>> OURS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path folder;
    private final Supplier<String> ids;
    private final Events events;
    private final Clock clock;
    private final Map<String, Secret> byId = new TreeMap<>();

    /** The ids are made up, longer than a secret's. */
    Secrets(Path folder, Supplier<String> ids, Events events, Clock clock) {
        this.folder = folder;
        this.ids = ids;
        this.events = events;
        this.clock = clock;
        try {
            makeFolder(folder);
            try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
                for (Path each : all) {
                    readOrRemove(each);
                }
            }
        } catch (IOException e) {
            throw refused("read the secrets in \"" + folder + "\"", e);
        }
    }

    private void readOrRemove(Path own) {
        try {
            Secret secret = RecordReading.orLogged(own.resolve(RECORD), () -> read(own));
            if (secret != null) {
                byId.put(secret.id(), secret);
            }
        } catch (NoSuchFileException _) {
            Lifecycle.removeFolder(own);
        }
    }

    private static Secret read(Path own) throws IOException {
        String file = own.resolve(RECORD).toString();
        try {
            JsonFields fields = JsonFields.read(file, Files.readAllBytes(own.resolve(RECORD)));
            fields.integer("format", FORMAT, FORMAT);
            return new Secret(
                    own.getFileName().toString(),
                    fields.text("name"),
                    Instant.parse(fields.text("created")),
                    Instant.parse(fields.text("created")),
                    DRIVER,
                    fields.textMap("labels"));
        } catch (Failure.Invalid | DateTimeException e) {
            throw new Failure.Corrupt(file + ": damaged record: " + e.getMessage(), e);
        }
    }

    /** Makes a secret; synced when this returns. AlreadyExists when the name is taken. */
    public synchronized Secret create(String name, byte[] value, Map<String, String> labels) {
        check(name);
        if (value.length == 0 || value.length > MOST_BYTES) {
            throw new Failure.Invalid(
                    "secret data must be larger than 0 and less than " + MOST_BYTES + " bytes");
        }
        if (byName(name) != null) {
            throw new Failure.AlreadyExists(name + ": secret name in use");
        }
        String id = ids.get().substring(0, ID_DIGITS);
        Instant now = clock.instant();
        var secret = new Secret(id, name, now, now, DRIVER, Map.copyOf(labels));
        var json = JsonWriter.indented("  ").beginObject().field("format", FORMAT);
        json.field("name", name).field("created", now.toString()).optional("labels", labels);
        Path own = folder.resolve(id);
        try {
            makeFolder(own);
            DurableFile.replace(own.resolve(VALUE), value, OURS);
            DurableFile.replace(own.resolve(RECORD), json.endObject().bytes(), OURS);
            DurableFile.syncFolder(folder);
        } catch (IOException e) {
            throw refused("store secret \"" + name + "\"", e);
        }
        byId.put(id, secret);
        events.tell("secret", "create", id, Map.of("name", name));
        return secret;
    }

    private static void check(String name) {
        boolean fits = !name.isEmpty() && name.length() <= LONGEST_NAME;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            fits &= c > ' ' && c < 0x7f && c != ',' && c != '/' && c != '=';
        }
        if (!fits) {
            throw new Failure.Invalid(
                    "secret name "
                            + Printable.of(name)
                            + " can not include '=', '/', ',', or the NULL byte, and be between 1"
                            + " and "
                            + LONGEST_NAME
                            + " characters: invalid secret name");
        }
    }

    /** All of them by name. */
    public synchronized List<Secret> list() {
        var all = new ArrayList<>(byId.values());
        all.sort(Comparator.comparing(Secret::name));
        return all;
    }

    /** By name, id or the beginning of an id. */
    public synchronized Secret get(String text) {
        Secret named = byName(text);
        if (named != null) {
            return named;
        }
        Secret found = null;
        for (Secret secret : byId.values()) {
            if (!text.isEmpty() && secret.id().startsWith(text)) {
                if (found != null) {
                    throw new Failure.Invalid(
                            "more than one result secret with prefix " + Printable.of(text));
                }
                found = secret;
            }
        }
        if (found == null) {
            throw new Failure.NotFound(
                    "no secret with name or id \"" + Printable.of(text) + "\": no such secret");
        }
        return found;
    }

    private @Nullable Secret byName(String name) {
        for (Secret secret : byId.values()) {
            if (secret.name().equals(name)) {
                return secret;
            }
        }
        return null;
    }

    /** The same by their ids. */
    List<SecretOption> resolve(List<SecretOption> asked) {
        var resolved = new ArrayList<SecretOption>();
        for (SecretOption option : asked) {
            resolved.add(option.of(get(option.source()).id()));
        }
        return resolved;
    }

    /** What it holds. */
    synchronized byte[] value(String id) {
        try {
            return Files.readAllBytes(folder.resolve(get(id).id()).resolve(VALUE));
        } catch (IOException e) {
            throw refused("read secret " + id, e);
        }
    }

    /** Removes a secret; those who run with it keep what they have. */
    public synchronized Secret remove(String text) {
        Secret secret = get(text);
        Path own = folder.resolve(secret.id());
        try {
            Files.deleteIfExists(own.resolve(RECORD));
            byId.remove(secret.id());
            Lifecycle.removeFolder(own);
        } catch (IOException e) {
            throw refused("remove secret \"" + secret.name() + "\"", e);
        }
        events.tell("secret", "remove", secret.id(), Map.of("name", secret.name()));
        return secret;
    }

    private static void makeFolder(Path path) throws IOException {
        Files.createDirectories(
                path,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static Failure refused(String doing, IOException e) {
        return new Failure.HostRefused(doing + ": " + e.getMessage(), e);
    }
}
