package dev.rung.network.machine;

import dev.rung.domain.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Settings of the kernel's network in /proc/sys/net, of the namespace of the thread that asks. */
public final class HostSettings {
    private static final Path NET = Path.of("/proc/sys/net");
    private static final int LONGEST = 256;

    private HostSettings() {}

    /** Writes a setting such as ipv4/ip_forward unless it has that value. */
    public static void set(String name, String value) {
        try {
            if (!value(name).equals(value)) {
                Files.writeString(NET.resolve(name), value);
            }
        } catch (IOException e) {
            throw new Failure.HostRefused("set net/%s to %s: %s".formatted(name, value, why(e)), e);
        }
    }

    /** The same where the kernel may lack it, as without IPv6. */
    public static void setIfThere(String name, String value) {
        if (Files.exists(NET.resolve(name))) {
            set(name, value);
        }
    }

    /** The numbers of a setting. */
    public static String[] numbers(String name) throws IOException {
        return value(name).split("\\s+");
    }

    /**
     * What a setting is. Read at once: the kernel gives no more to who goes on after the first
     * byte, as Files.readString does.
     */
    static String value(String name) throws IOException {
        try (var file = Files.newInputStream(NET.resolve(name))) {
            return new String(file.readNBytes(LONGEST), StandardCharsets.US_ASCII).strip();
        }
    }

    /** Whether a setting is there and not 0. */
    public static boolean isOn(String name) {
        try {
            return !value(name).equals("0");
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new Failure.HostRefused("read net/%s: %s".formatted(name, why(e)), e);
        }
    }

    /**
     * Lets the host forward IPv6. A host that forwards no longer listens to routers, unless told
     * to: those links that did go on.
     */
    public static void forwardIpv6() {
        if (isOn("ipv6/conf/all/forwarding")) {
            return;
        }
        for (String link : linksWithIpv6()) {
            String setting = "ipv6/conf/" + link + "/accept_ra";
            try {
                if (value(setting).equals("1")) {
                    set(setting, "2");
                }
            } catch (IOException e) {
                // the link has just gone
            }
        }
        setIfThere("ipv6/conf/all/forwarding", "1");
    }

    private static List<String> linksWithIpv6() {
        var links = new ArrayList<String>();
        try (var entries = Files.newDirectoryStream(NET.resolve("ipv6/conf"))) {
            entries.forEach(entry -> links.add(entry.getFileName().toString()));
        } catch (IOException e) {
            // no IPv6 here
        }
        links.remove("all");
        return links;
    }

    private static String why(IOException e) {
        return e instanceof NoSuchFileException
                ? "no such setting"
                : String.valueOf(e.getMessage());
    }
}
