package dev.rung.daemon.settings;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.CgroupDriver;
import dev.rung.engine.EngineOptions;
import dev.rung.engine.EngineOptions.NamedRuntime;
import dev.rung.engine.spec.ByteSize;
import dev.rung.engine.spec.HostDefaults;
import dev.rung.engine.spec.LogOptions;
import dev.rung.engine.spec.Ulimit;
import dev.rung.image.PinnedImages;
import dev.rung.image.registry.TomlTable;
import dev.rung.image.registry.TransferLimits;
import dev.rung.oci.json.JsonFields;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * rung.toml, and the daemon.json beside it or which it names with {@code daemon-json}. They know
 * the same keys, and rung.toml counts where both give one; of runtimes and limits each one does.
 */
public final class ConfigurationFiles {
    private static final int LARGEST = 1 << 20;
    private static final Set<String> RUNTIME_KEYS =
            Set.of("path", "args", "runtimeArgs", "options");

    private final List<JsonFields> files = new ArrayList<>(); // those that count first
    private final List<String> ignored = new ArrayList<>();
    private final List<ForeignSettings> foreign = new ArrayList<>(); // those count last

    private final @Nullable Path criSocket; // asked for in the call, which counts first

    private ConfigurationFiles(@Nullable Path criSocket) {
        this.criSocket = criSocket;
    }

    /** The same where the call asks for nothing. */
    public static Configuration read(Path folder) {
        return read(folder, null);
    }

    /**
     * Reads what lies in the folder, if anything. Invalid with file and key for one that nobody
     * knows, and for a value that cannot be.
     *
     * @param criSocket where a kubelet is served whatever is written down, null: as it is
     */
    public static Configuration read(Path folder, @Nullable Path criSocket) {
        var all = new ConfigurationFiles(criSocket);
        Path json = folder.resolve("daemon.json");
        Path file = folder.resolve("rung.toml");
        byte[] toml = bytes(file);
        if (toml != null) {
            String text = new String(toml, StandardCharsets.UTF_8);
            byte[] same = TomlTable.parse(file.toString(), text).json();
            JsonFields fields = JsonFields.read(file.toString(), same);
            all.add(fields, Set.of());
            String named = fields.optionalText(Keys.DAEMON_JSON);
            if (named != null) {
                json = Path.of(named);
                if (!json.isAbsolute() || !Files.exists(json)) {
                    throw fields.invalid(Keys.DAEMON_JSON, "want the absolute path of a file");
                }
            }
        }
        byte[] docker = bytes(json);
        if (docker != null) {
            all.add(JsonFields.read(json.toString(), docker), Keys.OF_DOCKER);
        }
        Path containerd = all.first(Keys.CONTAINERD, ConfigurationFiles::path);
        if (containerd != null) {
            all.foreign.add(ForeignFiles.containerd(containerd));
        }
        Path crio = all.first(Keys.CRIO, ConfigurationFiles::path);
        if (crio != null) {
            all.foreign.add(ForeignFiles.crio(crio));
        }
        return all.configuration();
    }

    private static byte @Nullable [] bytes(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw new Failure.Invalid(file + ": longer than 1 MiB");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException _) {
            return null;
        } catch (IOException e) {
            throw new Failure.HostRefused("read \"" + file + "\": " + e.getMessage(), e);
        }
    }

    private void add(JsonFields fields, Set<String> passedOver) {
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            if (passedOver.contains(name)) {
                ignored.add(name);
            } else if (!Keys.ALL.contains(name)) {
                throw fields.invalid(name, "no such setting");
            }
        }
        files.add(fields);
    }

    /** Of the first file that gives it. */
    private <T> @Nullable T first(String key, BiFunction<JsonFields, String, @Nullable T> reader) {
        for (JsonFields fields : files) {
            if (fields.has(key)) {
                return reader.apply(fields, key);
            }
        }
        return null;
    }

    private List<String> texts(String key) {
        List<String> texts = first(key, JsonFields::texts);
        return texts == null ? List.of() : texts;
    }

    private Configuration configuration() {
        List<NamedRuntime> runtimes = runtimes();
        String usual = first(Keys.DEFAULT_RUNTIME, JsonFields::optionalText);
        for (ForeignSettings other : foreign) {
            usual =
                    usual == null && !other.defaultRuntime().isEmpty()
                            ? other.defaultRuntime()
                            : usual;
        }
        var insecure = new ArrayList<>(texts(Keys.INSECURE));
        foreign.forEach(other -> insecure.addAll(other.insecureRegistries()));
        return new Configuration(
                first(Keys.DATA_ROOT, ConfigurationFiles::path),
                first(Keys.EXEC_ROOT, ConfigurationFiles::path),
                new EngineOptions(
                        runtimes,
                        usual == null ? "" : usual,
                        defaults(),
                        cgroupDriver(),
                        new PodNetworkSettings(files, foreign).options(criSocket() != null),
                        hooks(),
                        pinned(),
                        criu(),
                        isOn(Keys.CHECKPOINT_IMAGES)),
                new RegistrySettings(
                        List.copyOf(insecure),
                        mirrors(),
                        limits(),
                        first(Keys.SIGNATURE_POLICY, ConfigurationFiles::path),
                        foreignPolicy()),
                new NetworkSettings(files).defaults(),
                !Boolean.FALSE.equals(first(Keys.IPTABLES, JsonFields::optionalFlag)),
                labels(),
                isOn(Keys.DEBUG),
                isOn(Keys.EXPERIMENTAL),
                new DoorSettings(files).doors(),
                criSocket(),
                plugins(),
                mountsFiles(),
                List.copyOf(ignored));
    }

    private @Nullable ForeignPolicy foreignPolicy() {
        for (ForeignSettings other : foreign) {
            if (other.policy() != null) {
                return other.policy();
            }
        }
        return null;
    }

    private boolean isOn(String key) {
        return Boolean.TRUE.equals(first(key, JsonFields::optionalFlag));
    }

    private String criu() {
        Path path = first(Keys.CRIU, ConfigurationFiles::path);
        return path == null ? "" : path.toString();
    }

    private List<Path> hooks() {
        return paths(Keys.HOOKS, ForeignSettings::hookFolders);
    }

    private List<Path> mountsFiles() {
        return paths(Keys.MOUNTS_FILES, ForeignSettings::mountsFiles);
    }

    /** Those said here; none: those of other engines. */
    private List<Path> paths(String key, Function<ForeignSettings, List<Path>> theirs) {
        var paths = new ArrayList<Path>();
        for (String text : texts(key)) {
            paths.add(Path.of(text));
            if (!paths.getLast().isAbsolute()) {
                throw new Failure.Invalid(
                        key + ": \"" + Printable.of(text) + "\": want an absolute path");
            }
        }
        if (paths.isEmpty()) {
            foreign.forEach(other -> paths.addAll(theirs.apply(other)));
        }
        return List.copyOf(paths);
    }

    private PinnedImages pinned() {
        var patterns = new ArrayList<String>();
        for (String pattern : texts(Keys.PINNED)) {
            if (!PinnedImages.isPattern(pattern)) {
                throw new Failure.Invalid(
                        Keys.PINNED
                                + ": \""
                                + Printable.of(pattern)
                                + "\": want a name, or BEGINNING*, or *PART*");
            }
            patterns.add(pattern);
        }
        foreign.forEach(other -> patterns.addAll(other.pinnedImages()));
        return new PinnedImages(patterns);
    }

    private @Nullable Path criSocket() {
        return criSocket == null ? first(Keys.CRI_SOCKET, ConfigurationFiles::path) : criSocket;
    }

    private PluginWishes plugins() {
        PluginWishes all = PluginWishes.NONE;
        for (JsonFields fields : files) {
            JsonFields nri = fields.optionalObject(Keys.NRI);
            all = nri == null ? all : all.or(PluginWishes.read(nri));
        }
        for (ForeignSettings other : foreign) {
            all = all.or(other.plugins());
        }
        return all;
    }

    private List<String> labels() {
        List<String> labels = texts(Keys.LABELS);
        for (String label : labels) {
            if (label.indexOf('=') <= 0) {
                throw new Failure.Invalid(
                        Keys.LABELS + ": \"" + Printable.of(label) + "\": want KEY=VALUE");
            }
        }
        return labels;
    }

    private static Path path(JsonFields fields, String key) {
        Path path = Path.of(fields.text(key));
        if (!path.isAbsolute()) {
            throw fields.invalid(key, "want an absolute path");
        }
        return path;
    }

    private List<NamedRuntime> runtimes() {
        var byName = new LinkedHashMap<String, NamedRuntime>();
        for (JsonFields fields : files) {
            JsonFields all = fields.optionalObject(Keys.RUNTIMES);
            for (int i = 0; all != null && i < all.size(); i++) {
                NamedRuntime runtime = runtime(all.name(i), all.object(all.name(i)));
                byName.putIfAbsent(runtime.name(), runtime);
            }
        }
        for (ForeignSettings other : foreign) {
            other.runtimes().forEach(runtime -> byName.putIfAbsent(runtime.name(), runtime));
        }
        return List.copyOf(byName.values());
    }

    private static NamedRuntime runtime(String name, JsonFields fields) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.name(i).equals("runtimeType")) {
                throw fields.invalid("runtimeType", "shims are not run, want a path");
            } else if (!RUNTIME_KEYS.contains(fields.name(i))) {
                throw fields.invalid(fields.name(i), "no such setting");
            }
        }
        if (name.equals(EngineOptions.HOST)) {
            throw fields.invalid("that name is the built-in runtime's");
        }
        var options = new ArrayList<String>(fields.texts("runtimeArgs"));
        options.addAll(fields.texts("args"));
        fields.textMap("options").forEach((key, value) -> options.add("--" + key + "=" + value));
        return new NamedRuntime(name, path(fields, "path"), List.copyOf(options));
    }

    private HostDefaults defaults() {
        String driver = first(Keys.LOG_DRIVER, JsonFields::optionalText);
        Map<String, String> options = first(Keys.LOG_OPTIONS, JsonFields::textMap);
        String parent = first(Keys.CGROUP_PARENT, JsonFields::optionalText);
        Long shared = first(Keys.SHM_SIZE, ConfigurationFiles::size);
        Boolean init = first(Keys.INIT, JsonFields::optionalFlag);
        return new HostDefaults(
                new LogOptions(
                                driver == null ? LogOptions.DEFAULT.driver() : driver,
                                options == null ? Map.of() : options)
                        .checked(),
                ulimits(),
                parent == null ? "" : parent,
                shared == null ? HostDefaults.USUAL.shmSize() : shared,
                init != null && init,
                texts(Keys.DNS),
                texts(Keys.DNS_OPTIONS),
                texts(Keys.DNS_SEARCH));
    }

    private CgroupDriver cgroupDriver() {
        CgroupDriver driver = CgroupDriver.CGROUPFS;
        for (String option : texts(Keys.EXEC_OPTIONS)) {
            driver =
                    switch (option) {
                        case "native.cgroupdriver=cgroupfs" -> CgroupDriver.CGROUPFS;
                        case "native.cgroupdriver=systemd" -> CgroupDriver.SYSTEMD;
                        default ->
                                throw new Failure.Invalid(
                                        Keys.EXEC_OPTIONS
                                                + ": \""
                                                + Printable.of(option)
                                                + "\": want native.cgroupdriver=cgroupfs or"
                                                + " native.cgroupdriver=systemd");
                    };
        }
        return driver;
    }

    /** A number of bytes, or a text such as 64M. */
    private static Long size(JsonFields fields, String key) {
        try {
            return ByteSize.parse(fields.text(key));
        } catch (Failure.Invalid e) {
            Long bytes = fields.optionalInteger(key, 0, Long.MAX_VALUE);
            return bytes == null ? 0 : bytes;
        }
    }

    private List<Ulimit> ulimits() {
        var byName = new LinkedHashMap<String, Ulimit>();
        for (JsonFields fields : files) {
            JsonFields all = fields.optionalObject(Keys.ULIMITS);
            for (int i = 0; all != null && i < all.size(); i++) {
                JsonFields one = all.object(all.name(i));
                long hard = one.integer("Hard", -1, Long.MAX_VALUE);
                long soft = one.integerOr("Soft", -1, Long.MAX_VALUE, hard);
                byName.putIfAbsent(all.name(i), new Ulimit(all.name(i), soft, hard));
            }
        }
        return List.copyOf(byName.values());
    }

    private TransferLimits limits() {
        TransferLimits usual = TransferLimits.USUAL;
        return new TransferLimits(
                limit(Keys.DOWNLOADS, usual.downloads()),
                limit(Keys.UPLOADS, usual.uploads()),
                limit(Keys.ATTEMPTS, usual.attempts()));
    }

    /** 0 means the usual number, as with dockerd. */
    private int limit(String key, int usual) {
        Long most =
                first(key, (fields, name) -> fields.optionalInteger(name, 0, Integer.MAX_VALUE));
        return most == null || most == 0 ? usual : most.intValue();
    }

    private List<URI> mirrors() {
        var mirrors = new ArrayList<URI>();
        for (String text : texts(Keys.MIRRORS)) {
            try {
                URI mirror = URI.create(text);
                if (mirror.getHost() != null
                        && String.valueOf(mirror.getScheme()).startsWith("http")) {
                    mirrors.add(mirror);
                    continue;
                }
            } catch (IllegalArgumentException _) {
                // said below
            }
            throw new Failure.Invalid(
                    Keys.MIRRORS
                            + ": \""
                            + Printable.of(text)
                            + "\": want http://HOST or https://HOST");
        }
        return List.copyOf(mirrors);
    }
}
