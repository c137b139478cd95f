package dev.rung.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Failure;
import dev.rung.domain.Platform;
import dev.rung.domain.Printable;
import dev.rung.engine.NewContainer;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.HostOptions;
import dev.rung.engine.spec.LogOptions;
import dev.rung.engine.spec.MountOption;
import dev.rung.engine.spec.NamespaceMode;
import dev.rung.engine.spec.NetworkWish;
import dev.rung.oci.json.JsonFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The body of {@code POST /containers/create}. */
final class ContainerRequest {
    private static final String DEFAULT_NETWORK = "bridge";
    private static final Set<String> BESIDE_CONFIG = Set.of("HostConfig", "NetworkingConfig");
    private static final Set<String> SECURITY_OPTIONS =
            Set.of(
                    "apparmor",
                    "label",
                    "no-new-privileges",
                    "seccomp",
                    "systempaths",
                    "writable-cgroups");

    private ContainerRequest() {}

    static NewContainer read(String name, String platform, JsonFields body) {
        JsonFields given = body.optionalObject("HostConfig");
        check(body, given);
        JsonFields host =
                given == null ? JsonFields.read("HostConfig", "{}".getBytes(UTF_8)) : given;
        ContainerConfig config = ContainerConfig.read(body).sized(host.unsigned32s("ConsoleSize"));
        // a user namespace comes when it is asked for, as in Docker
        HostOptions options = HostOptions.read(host).asked(mounts(host), "host");
        String plain = name.startsWith("/") ? name.substring(1) : name;
        return new NewContainer(
                plain.isEmpty() ? null : new ContainerName(plain),
                platform.isEmpty() ? null : Platform.parse(platform),
                config,
                options,
                networks(body, options.network()));
    }

    /** What Docker refuses in words of its own. */
    private static void check(JsonFields body, @Nullable JsonFields host) {
        boolean any = false;
        for (int i = 0; i < body.size(); i++) {
            any |= !BESIDE_CONFIG.contains(body.name(i));
        }
        if (!any) {
            throw new Failure.Invalid("config cannot be empty in order to create a container");
        }
        boolean nothing = body.texts("Cmd").isEmpty() && body.texts("Entrypoint").isEmpty();
        if (text(body, "Image").isEmpty() && nothing) {
            throw new Failure.Invalid("no command specified");
        }
        if (host == null) {
            return;
        }
        for (String option : host.texts("SecurityOpt")) {
            if (!SECURITY_OPTIONS.contains(option.split("[=:]", 2)[0])) {
                throw new Failure.Invalid(
                        "invalid --security-opt: \"" + Printable.of(option) + "\"");
            }
        }
        String driver = text(host.optionalObject("LogConfig"), "Type");
        if (!driver.isEmpty() && !LogOptions.isKnown(driver)) {
            String named = Printable.of(driver);
            throw new Failure.Invalid(
                    "error looking up logging plugin "
                            + named
                            + ": plugin \""
                            + named
                            + "\" not found");
        }
        MountOption.checkDriver(text(host, "VolumeDriver"));
        String isolation = text(host, "Isolation");
        if (!isolation.isEmpty() && !isolation.equalsIgnoreCase("default")) {
            throw new Failure.Invalid(
                    "Invalid isolation: \""
                            + Printable.of(isolation)
                            + "\" - linux only supports 'default'");
        }
        String policy = text(host.optionalObject("RestartPolicy"), "Name");
        if (host.flag("AutoRemove") && !policy.isEmpty() && !policy.equals("no")) {
            throw new Failure.Invalid("can't create 'AutoRemove' container with restart policy");
        }
        String pid = text(host, "PidMode");
        if (!pid.isEmpty() && !pid.equals("host") && !pid.startsWith("container:")) {
            throw new Failure.Invalid("invalid PID mode: " + Printable.of(pid));
        }
    }

    private static List<MountOption> mounts(JsonFields host) {
        var mounts = new ArrayList<MountOption>();
        for (String bind : host.texts("Binds")) {
            mounts.add(MountOption.volume(bind));
        }
        for (JsonFields mount : host.objects("Mounts")) {
            mounts.add(mount(mount));
        }
        for (Map.Entry<String, String> tmpfs : host.textMap("Tmpfs").entrySet()) {
            String options = tmpfs.getValue().isEmpty() ? "" : ":" + tmpfs.getValue();
            mounts.add(MountOption.tmpfs(tmpfs.getKey() + options));
        }
        return List.copyOf(mounts);
    }

    private static MountOption mount(JsonFields fields) {
        JsonFields bind = fields.optionalObject("BindOptions");
        JsonFields volume = fields.optionalObject("VolumeOptions");
        JsonFields image = fields.optionalObject("ImageOptions");
        JsonFields driver = volume == null ? null : volume.optionalObject("DriverConfig");
        MountOption.checkDriver(text(driver, "Name"));
        return new MountOption(
                type(text(fields, "Type")),
                text(fields, "Source"),
                text(fields, "Target"),
                fields.flag("ReadOnly"),
                text(bind, "Propagation"),
                tmpfs(fields.optionalObject("TmpfsOptions")),
                bind != null && bind.flag("CreateMountpoint"),
                volume == null || !volume.flag("NoCopy"),
                recursion(bind),
                text(volume, "Subpath") + text(image, "Subpath"),
                volume == null ? Map.of() : volume.textMap("Labels"),
                driver == null ? Map.of() : driver.textMap("Options"));
    }

    private static MountOption.Type type(String text) {
        for (MountOption.Type type : MountOption.Type.values()) {
            if (type.toString().equals(text)) {
                return type;
            }
        }
        throw new Failure.Invalid(
                "invalid mount config for type \"" + Printable.of(text) + "\": mount type unknown");
    }

    private static MountOption.Recursion recursion(@Nullable JsonFields bind) {
        if (bind == null) {
            return MountOption.Recursion.ENABLED;
        } else if (bind.flag("NonRecursive")) {
            return MountOption.Recursion.DISABLED;
        } else if (bind.flag("ReadOnlyNonRecursive")) {
            return MountOption.Recursion.WRITABLE;
        }
        return bind.flag("ReadOnlyForceRecursive")
                ? MountOption.Recursion.READ_ONLY
                : MountOption.Recursion.ENABLED;
    }

    private static List<String> tmpfs(@Nullable JsonFields fields) {
        var options = new ArrayList<String>();
        if (fields != null) {
            long size = fields.integerOr("SizeBytes", 0, Long.MAX_VALUE, 0);
            long mode = fields.integerOr("Mode", 0, Integer.MAX_VALUE, 0);
            if (size > 0) {
                options.add("size=" + size);
            }
            if (mode > 0) {
                options.add("mode=" + Long.toOctalString(mode & 07777));
            }
        }
        return List.copyOf(options);
    }

    private static String text(@Nullable JsonFields fields, String name) {
        String text = fields == null ? null : fields.optionalText(name);
        return text == null ? "" : text;
    }

    /** The network of the mode first, then those that are named besides. */
    private static List<NetworkWish> networks(JsonFields body, NamespaceMode mode) {
        String first =
                switch (mode.kind()) {
                    case DEFAULT -> DEFAULT_NETWORK;
                    case NETWORK -> mode.name();
                    case HOST, NONE, PRIVATE, SHAREABLE, CONTAINER -> "";
                };
        if (first.isEmpty()) {
            return List.of();
        }
        String mac = text(body, "MacAddress");
        var wishes = new ArrayList<NetworkWish>();
        JsonFields config = body.optionalObject("NetworkingConfig");
        JsonFields endpoints = config == null ? null : config.optionalObject("EndpointsConfig");
        for (int i = 0; endpoints != null && i < endpoints.size(); i++) {
            String key = endpoints.name(i);
            String name = key.equals("default") ? DEFAULT_NETWORK : key;
            NetworkWish wish = wish(name, endpoints.optionalObject(key), mac);
            wishes.add(name.equals(first) ? 0 : wishes.size(), wish);
        }
        if (wishes.isEmpty() || !wishes.getFirst().network().equals(first)) {
            wishes.addFirst(wish(first, null, mac));
        }
        return List.copyOf(wishes);
    }

    /** Of one network; also the body of {@code POST /networks/{id}/connect}. */
    static NetworkWish wish(String network, @Nullable JsonFields endpoint, String mac) {
        JsonFields addresses = endpoint == null ? null : endpoint.optionalObject("IPAMConfig");
        String own = text(endpoint, "MacAddress");
        return new NetworkWish(
                network,
                endpoint == null ? List.of() : endpoint.texts("Aliases"),
                endpoint == null ? List.of() : endpoint.texts("Links"),
                text(addresses, "IPv4Address"),
                text(addresses, "IPv6Address"),
                (own.isEmpty() ? mac : own).toLowerCase(Locale.ROOT),
                endpoint == null
                        ? 0
                        : (int)
                                endpoint.integerOr(
                                        "GwPriority", Integer.MIN_VALUE, Integer.MAX_VALUE, 0));
    }
}
