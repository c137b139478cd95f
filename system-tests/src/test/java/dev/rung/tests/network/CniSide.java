package dev.rung.tests.network;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.network.cni.Attachment;
import dev.rung.network.cni.Capabilities;
import dev.rung.network.cni.CniNetworks;
import dev.rung.network.cni.CniSettings;
import dev.rung.network.cni.NetworkConf;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import dev.rung.testkit.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * CNI networks with folders of their own: made by Rung itself, or by Debian's plugins, which are
 * the reference.
 */
final class CniSide implements AutoCloseable {
    static final Path REFERENCE = Path.of("/usr/lib/cni");

    final Path folder;
    final CniNetworks networks;
    final boolean builtIn;

    private CniSide(Path folder, List<Path> programs, boolean builtIn) {
        this.folder = folder;
        this.builtIn = builtIn;
        this.networks =
                CniNetworks.open(
                        new CniSettings(
                                folder.resolve("net.d"),
                                programs,
                                folder.resolve("state"),
                                builtIn,
                                Duration.ofMinutes(1)));
    }

    /** Debian's plugins. */
    static CniSide reference() {
        return new CniSide(newFolder(), List.of(REFERENCE), false);
    }

    /** Rung's own, and programs of these folders for other types. */
    static CniSide own(Path... programs) {
        return new CniSide(newFolder(), List.of(programs), true);
    }

    /** The same folders, opened by another. */
    CniSide again(Path... programs) {
        networks.close();
        return new CniSide(folder, List.of(programs), true);
    }

    /** The same folders, opened by Debian's plugins. */
    CniSide againByReference() {
        networks.close();
        return new CniSide(folder, List.of(REFERENCE), false);
    }

    private static Path newFolder() {
        try {
            Path folder = Files.createTempDirectory("rung-cni");
            Files.createDirectories(folder.resolve("net.d"));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The network of that text, in which DATA stands for a folder of this side. */
    NetworkConf network(String text) {
        String conf = text.replace("DATA", folder.resolve("data").toString());
        return NetworkConf.parse("test.conflist", conf.getBytes(UTF_8));
    }

    void file(String name, String text) {
        try {
            Path file = folder.resolve("net.d").resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text.replace("DATA", folder.resolve("data").toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Attachment attachment(String container, Namespace namespace, Capabilities asked) {
        return Attachment.of(container, "/proc/" + namespace.pid() + "/ns/net", "eth0")
                .withCapabilities(asked);
    }

    /**
     * The result as it lies on disk, with what differs each time, names of links, hardware
     * addresses and processes, replaced.
     */
    String result(String network, String container) {
        try {
            Path file = folder.resolve("state/results/" + network + "-" + container + "-eth0");
            var result = JsonFields.read("result", Files.readAllBytes(file)).object("result");
            byte[] text = JsonWriter.indented(" ").value(result.json()).bytes();
            return plain(new String(text, UTF_8).replace(",\n \"dns\": {}", ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String plain(String text) {
        return text.replaceAll("veth[0-9a-f]{8}", "VETH")
                .replaceAll("([0-9a-f]{2}:){5}[0-9a-f]{2}", "MAC")
                .replaceAll("/proc/\\d+/", "/proc/PID/")
                .replaceAll("(@if|link-netnsid |inet6 fe80::)\\S+", "$1N")
                .replaceAll("(?m)^\\d+: ", "")
                .replace("nodad ", "")
                .replaceAll(" via inet6 fe80::\\S+", "");
    }

    /** What a container sees of its links, addresses and routes. */
    static String inside(Namespace container) {
        return plain(
                container.ip("-o -4 address show")
                        + container.ip("-o -6 address show scope global")
                        + container.ip("-4 route")
                        + container.ip("-6 route show default"));
    }

    /** The files of host-local, and what is in them. */
    String addresses(String network) {
        var text = new StringBuilder();
        try (var files = Files.list(folder.resolve("data").resolve(network))) {
            for (Path file : files.sorted().toList()) {
                String content = Files.readString(file).replace("\r\n", "|");
                text.append(Objects.requireNonNull(file.getFileName()))
                        .append(' ')
                        .append(content)
                        .append('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    @Override
    public void close() {
        networks.close();
        Command.of("rm", "-r", folder.toString()).succeed();
    }
}
