package dev.rung.network.cni;

import dev.rung.domain.Failure;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Links;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.NetworkNamespaces;
import dev.rung.network.MacAddress;
import dev.rung.network.machine.HostSettings;
import dev.rung.network.machine.StateFile;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The plugin tuning: settings of the kernel for a namespace, and of the link inside. */
final class TuningPlugin implements Plugins.BuiltIn {
    private static final Path ALLOWED = Path.of("/etc/cni/tuning/allowlist.conf");
    private static final String USUAL_FOLDER = "/run/cni/tuning";
    private static final Path SYSCTL = Path.of("/proc/sys");

    /** What is asked; the null ones are left as they are. */
    private record Wishes(
            Map<String, String> settings,
            String mac,
            boolean promiscuous,
            int mtu,
            @Nullable Boolean allGroups,
            @Nullable Long queueLength) {
        boolean changesLink() {
            return !mac.isEmpty()
                    || promiscuous
                    || mtu > 0
                    || allGroups != null
                    || queueLength != null;
        }
    }

    private static Wishes wishes(Request request) throws PluginError {
        JsonFields conf = request.conf();
        JsonFields args = request.cniArguments();
        var settings = new LinkedHashMap<>(conf.textMap("sysctl"));
        String mac = ResultJson.text(conf, "mac");
        String asked = request.mac();
        boolean promiscuous = conf.flag("promisc");
        int mtu = ResultJson.number(conf, "mtu");
        Boolean allGroups = conf.optionalFlag("allmulti");
        Long queueLength = conf.optionalInteger("txQLen", 0, Integer.MAX_VALUE);
        if (args != null) {
            settings.putAll(args.textMap("sysctl"));
            promiscuous = args.has("promisc") ? args.flag("promisc") : promiscuous;
            mtu = args.has("mtu") ? ResultJson.number(args, "mtu") : mtu;
            allGroups = args.has("allmulti") ? args.optionalFlag("allmulti") : allGroups;
            queueLength =
                    args.has("txQLen")
                            ? args.optionalInteger("txQLen", 0, Integer.MAX_VALUE)
                            : queueLength;
        }
        return new Wishes(
                settings, asked.isEmpty() ? mac : asked, promiscuous, mtu, allGroups, queueLength);
    }

    /** The file of a setting below /proc/sys/net, relative to that. */
    private static String name(Request request, String key) throws PluginError {
        String text = key.replace("IFNAME", request.link());
        Path file = SYSCTL.resolve(text.replace('.', '/')).normalize();
        Path net = SYSCTL.resolve("net");
        if (!file.startsWith(net) || file.equals(net)) {
            throw new PluginError(
                    PluginError.INVALID_CONFIGURATION,
                    "invalid net sysctl key: \"%s\"".formatted(key),
                    "");
        }
        return net.relativize(file).toString();
    }

    private static void checkAllowed(Set<String> keys) throws PluginError {
        List<String> patterns;
        try {
            patterns =
                    Files.readAllLines(ALLOWED).stream()
                            .map(String::strip)
                            .filter(line -> !line.isEmpty())
                            .toList();
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw PluginError.of(StateFile.refused(ALLOWED, e));
        }
        for (String key : keys) {
            if (patterns.stream().noneMatch(pattern -> key.matches(".*(?:" + pattern + ").*"))) {
                throw new PluginError(
                        PluginError.INVALID_CONFIGURATION,
                        "Sysctl %s is not allowed. Only the following sysctls are allowed: %s"
                                .formatted(key, patterns),
                        "");
            }
        }
    }

    @Override
    public CniResult add(Request request) throws PluginError {
        CniResult previous = request.required();
        Wishes wishes = wishes(request);
        checkAllowed(wishes.settings.keySet());
        var settings = new LinkedHashMap<String, String>();
        for (Map.Entry<String, String> wish : wishes.settings.entrySet()) {
            settings.put(name(request, wish.getKey()), wish.getValue());
        }
        try (Fd namespace = Sandbox.open(request.namespace());
                NetlinkSocket inside = Sandbox.enter(namespace)) {
            NetworkNamespaces.<Boolean, ErrnoException>in(
                    namespace,
                    () -> {
                        settings.forEach(HostSettings::set);
                        return true;
                    });
            if (wishes.changesLink()) {
                var links = new Links(inside);
                remember(request, wishes, links.find(request.link()));
                apply(links, request.link(), wishes);
            }
        } catch (ErrnoException e) {
            throw PluginError.of("tune link " + request.link(), e);
        }
        return wishes.mac.isEmpty() ? previous : renamed(previous, request.link(), wishes.mac);
    }

    private static CniResult renamed(CniResult result, String link, String mac) {
        var links = new ArrayList<CniResult.Interface>();
        for (CniResult.Interface one : result.interfaces()) {
            links.add(one.name().equals(link) ? one.withMac(mac) : one);
        }
        return result.withInterfaces(links);
    }

    private static void apply(Links links, String link, Wishes wishes) throws ErrnoException {
        if (wishes.mtu > 0) {
            links.setMtu(link, wishes.mtu);
        }
        if (!wishes.mac.isEmpty()) {
            links.setAddress(link, MacAddress.parse(wishes.mac).toBytes());
        }
        if (wishes.promiscuous) {
            links.setFlag(link, Links.PROMISCUOUS, true);
        }
        if (wishes.allGroups != null) {
            links.setFlag(link, Links.ALL_GROUPS, wishes.allGroups);
        }
        if (wishes.queueLength != null) {
            links.setQueueLength(link, wishes.queueLength.intValue());
        }
    }

    private static Path backup(Request request) {
        String folder = ResultJson.text(request.conf(), "dataDir");
        return Path.of(folder.isEmpty() ? USUAL_FOLDER : folder)
                .resolve(request.container() + "_" + request.link() + ".json");
    }

    /** Writes down what is going to be changed, as the plugin of that name does. */
    private static void remember(Request request, Wishes wishes, Links.Link link)
            throws PluginError {
        var writer = JsonWriter.indented(" ").beginObject();
        if (!wishes.mac.isEmpty()) {
            writer.field("mac", BridgePlugin.mac(link));
        }
        if (wishes.promiscuous) {
            writer.field("promisc", link.promiscuity() > 0);
        }
        if (wishes.mtu > 0) {
            writer.field("mtu", link.mtu());
        }
        if (wishes.allGroups != null) {
            writer.field("allmulti", (link.flags() & Links.ALL_GROUPS) != 0);
        }
        if (wishes.queueLength != null) {
            writer.field("txQLen", link.queueLength());
        }
        Path file = backup(request);
        try {
            Files.createDirectories(file.resolveSibling("."));
            StateFile.replace(file, writer.endObject().bytes());
        } catch (IOException e) {
            throw PluginError.of(StateFile.refused(file, e));
        }
    }

    /** Gives the link back what it had; whatever cannot be done any more is left. */
    @Override
    public void delete(Request request) throws PluginError {
        Path file = backup(request);
        try (NetlinkSocket inside = Sandbox.enterIfThere(request.namespace())) {
            JsonFields former = JsonFields.read(file.toString(), Files.readAllBytes(file));
            if (inside != null) {
                apply(
                        new Links(inside),
                        request.link(),
                        new Wishes(
                                Map.of(),
                                ResultJson.text(former, "mac"),
                                former.flag("promisc"),
                                ResultJson.number(former, "mtu"),
                                former.optionalFlag("allmulti"),
                                former.optionalInteger("txQLen", 0, Integer.MAX_VALUE)));
                if (Boolean.FALSE.equals(former.optionalFlag("promisc"))) {
                    new Links(inside).setFlag(request.link(), Links.PROMISCUOUS, false);
                }
            }
            StateFile.remove(file);
        } catch (NoSuchFileException e) {
            // nothing was changed
        } catch (ErrnoException e) {
            StateFile.remove(file); // the link has gone
        } catch (IOException e) {
            throw PluginError.of(StateFile.refused(file, e));
        }
    }

    @Override
    public void check(Request request) throws PluginError {
        request.required();
        Wishes wishes = wishes(request);
        var settings = new LinkedHashMap<String, String>();
        for (Map.Entry<String, String> wish : wishes.settings.entrySet()) {
            settings.put(name(request, wish.getKey()), wish.getValue());
        }
        try (Fd namespace = Sandbox.open(request.namespace());
                NetlinkSocket inside = Sandbox.enter(namespace)) {
            String wrong =
                    NetworkNamespaces.<String, ErrnoException>in(
                            namespace, () -> different(settings));
            if (!wrong.isEmpty()) {
                throw new PluginError("Error: Tuning configured value of " + wrong);
            }
            Links.Link link = new Links(inside).find(request.link());
            boolean same =
                    (wishes.mac.isEmpty() || wishes.mac.equals(BridgePlugin.mac(link)))
                            && wishes.promiscuous == link.promiscuity() > 0
                            && (wishes.mtu == 0 || wishes.mtu == link.mtu())
                            && (wishes.allGroups == null
                                    || wishes.allGroups == ((link.flags() & Links.ALL_GROUPS) != 0))
                            && (wishes.queueLength == null
                                    || wishes.queueLength == link.queueLength());
            if (!same) {
                throw new PluginError(
                        "Error: Tuning link %s is not as configured".formatted(link.name()));
            }
        } catch (ErrnoException e) {
            throw PluginError.of("look at link " + request.link(), e);
        }
    }

    private static String different(Map<String, String> settings) {
        for (Map.Entry<String, String> wish : settings.entrySet()) {
            String now;
            try {
                now = String.join(" ", HostSettings.numbers(wish.getKey()));
            } catch (IOException e) {
                throw new Failure.HostRefused(
                        "read net/" + wish.getKey() + ": " + e.getMessage(), e);
            }
            if (!now.equals(String.join(" ", wish.getValue().strip().split("\\s+")))) {
                return wish.getKey() + " is " + wish.getValue() + ", current value is " + now;
            }
        }
        return "";
    }

    @Override
    public void collect(Request request, Set<Attachment.Key> valid) {
        // a link takes its own settings with it
    }

    @Override
    public void status(Request request) {
        // always ready
    }
}
