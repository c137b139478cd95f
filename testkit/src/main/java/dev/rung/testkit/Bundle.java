package dev.rung.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A bundle on disk that a test shapes: a root file system of Debian's busybox-static and the
 * observer, and a config.json that starts as what {@code spec} would write. Keys are named as in
 * messages: {@code process.user.uid}, {@code mounts[3].options}.
 */
public final class Bundle {
    private static final List<String> APPLETS =
            List.of(
                    "sh", "cat", "echo", "env", "id", "ls", "mount", "sleep", "true", "false",
                    "vi");
    private static final List<String> FOLDERS =
            List.of("bin", "dev", "etc", "proc", "root", "sys", "tmp", "usr/bin", "home/user");

    private final Path folder;
    private final Map<String, @Nullable Object> config;

    private Bundle(Path folder, Map<String, @Nullable Object> config) {
        this.folder = folder;
        this.config = config;
    }

    /** Makes the folder, which must not exist yet, and the root file system in it. */
    public static Bundle in(Path folder) {
        try {
            Path rootfs = Files.createDirectory(folder).resolve("rootfs");
            for (String name : FOLDERS) {
                Files.createDirectories(rootfs.resolve(name));
            }
            Files.setPosixFilePermissions(
                    rootfs.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
            Files.copy(Path.of("/bin/busybox"), rootfs.resolve("bin/busybox"));
            for (String applet : APPLETS) {
                Files.createSymbolicLink(rootfs.resolve("bin/" + applet), Path.of("busybox"));
            }
            extractObserver(rootfs.resolve("observer"));
            Files.writeString(
                    rootfs.resolve("etc/passwd"),
                    "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n");
            Files.writeString(rootfs.resolve("etc/group"), "root:x:0:\nuser:x:1000:\n");
            return new Bundle(folder, Json.readObject(resource("config.json")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts the static observer at this path. */
    static void extractObserver(Path target) throws IOException {
        try (InputStream observer = open("observer")) {
            Files.copy(observer, target, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    public Path folder() {
        return folder;
    }

    public Path rootfs() {
        return folder.resolve("rootfs");
    }

    /** The process's arguments. */
    public Bundle args(String... arguments) {
        return set("process.args", List.of(arguments));
    }

    /** Lets the process be the observer, doing this; see observer.c. */
    public Bundle act(String... act) {
        var arguments = new ArrayList<>(List.of(act));
        arguments.addFirst("/observer");
        return set("process.args", arguments);
    }

    /** Sets a key, making the objects on the way to it. */
    public Bundle set(String key, @Nullable Object value) {
        Place place = place(key);
        Object copy = Json.read(Json.write(value)); // of maps and lists that can be changed later
        if (place.holder instanceof Map<?, ?>) {
            asObject(place.holder).put(place.name, copy);
        } else {
            asList(place.holder).set(Integer.parseInt(place.name), copy);
        }
        return this;
    }

    /** Appends to the list at a key, making the list when there is none. */
    public Bundle add(String key, Object value) {
        if (get(key) == null) {
            set(key, new ArrayList<@Nullable Object>());
        }
        var longer = new ArrayList<>(asList(get(key)));
        longer.add(value);
        return set(key, longer);
    }

    /** Removes a key. */
    public Bundle remove(String key) {
        Place place = place(key);
        if (place.holder instanceof Map<?, ?> object) {
            object.remove(place.name);
        } else {
            asList(place.holder).remove(Integer.parseInt(place.name));
        }
        return this;
    }

    /** The value at a key. */
    public @Nullable Object get(String key) {
        Place place = place(key);
        return place.holder instanceof Map<?, ?> object
                ? object.get(place.name)
                : asList(place.holder).get(Integer.parseInt(place.name));
    }

    /** Adds a mount. */
    public Bundle mount(String destination, String type, String source, String... options) {
        var mount = new LinkedHashMap<String, @Nullable Object>();
        mount.put("destination", destination);
        mount.put("type", type);
        mount.put("source", source);
        mount.put("options", List.of(options));
        return add("mounts", mount);
    }

    /** Binds a path of the host. */
    public Bundle bind(Path source, String destination, String... options) {
        var all = new ArrayList<>(List.of(options));
        all.addFirst("bind");
        return mount(destination, "bind", source.toString(), all.toArray(new String[0]));
    }

    /** Grants these capabilities, such as CAP_SYS_ADMIN, in all five sets, and nothing else. */
    public Bundle capabilities(String... names) {
        for (String set : List.of("bounding", "effective", "inheritable", "permitted", "ambient")) {
            set("process.capabilities." + set, List.of(names));
        }
        return this;
    }

    /** Adds a namespace, new or, with a path, joined; one of the same type is replaced. */
    public Bundle namespace(String type, @Nullable Path path) {
        withoutNamespace(type);
        var namespace = new LinkedHashMap<String, @Nullable Object>();
        namespace.put("type", type);
        if (path != null) {
            namespace.put("path", path.toString());
        }
        return add("linux.namespaces", namespace);
    }

    /** Leaves the process in the caller's namespace of this type. */
    public Bundle withoutNamespace(String type) {
        var others = new ArrayList<>(asList(get("linux.namespaces")));
        others.removeIf(namespace -> type.equals(asObject(namespace).get("type")));
        return set("linux.namespaces", others);
    }

    /** Writes config.json; what runs a bundle does so by itself. */
    public Bundle write() {
        return write(Json.write(config));
    }

    /** Writes these characters as config.json, whatever they are. */
    public Bundle write(String text) {
        try {
            Files.writeString(folder.resolve("config.json"), text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Place(Object holder, String name) {}

    /** Walks to the object or list that holds the last part of the key, making missing objects. */
    private Place place(String key) {
        List<String> names = List.of(key.replace("]", "").split("[.\\[]"));
        Object holder = config;
        for (String name : names.subList(0, names.size() - 1)) {
            holder =
                    holder instanceof Map<?, ?>
                            ? asObject(holder)
                                    .computeIfAbsent(
                                            name,
                                            _ -> new LinkedHashMap<String, @Nullable Object>())
                            : asList(holder).get(Integer.parseInt(name));
            if (holder == null) {
                throw new IllegalArgumentException("nothing at " + name + " of " + key);
            }
        }
        return new Place(holder, names.getLast());
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys
    private static Map<String, @Nullable Object> asObject(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, @Nullable Object>) map;
        }
        throw new IllegalArgumentException("not an object: " + value);
    }

    @SuppressWarnings("unchecked") // any element is an Object
    private static List<@Nullable Object> asList(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return (List<@Nullable Object>) list;
        }
        throw new IllegalArgumentException("not a list: " + value);
    }

    private static String resource(String name) throws IOException {
        try (InputStream stream = open(name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static InputStream open(String name) throws IOException {
        InputStream stream = Bundle.class.getResourceAsStream(name);
        if (stream == null) {
            throw new IOException("testkit was built without " + name);
        }
        return stream;
    }
}
