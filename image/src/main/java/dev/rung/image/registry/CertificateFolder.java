package dev.rung.image.registry;

import dev.rung.domain.Failure;
import dev.rung.image.http.Headers;
import dev.rung.image.http.Trust;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder for one registry: containerd's hosts.toml, else docker's pattern of files, *.crt for
 * authorities, *.cert with *.key for clients.
 */
final class CertificateFolder {
    private static final String HOSTS = "hosts.toml";

    private final Path folder;

    private CertificateFolder(Path folder) {
        this.folder = folder;
    }

    /** What a registry's own host is, with or without certificates. */
    interface OwnHost {
        List<Endpoint> of(String registry, Trust trust);
    }

    /** The first folder for the registry: HOST_PORT_, HOST:PORT or, last, _default. */
    static @Nullable CertificateFolder find(List<Path> parents, String registry) {
        int colon = registry.lastIndexOf(':');
        boolean port = colon > registry.lastIndexOf(']');
        String underscored =
                port
                        ? registry.substring(0, colon) + "_" + registry.substring(colon + 1) + "_"
                        : registry;
        for (String name : List.of(underscored, registry, "_default")) {
            for (Path parent : parents) {
                if (Files.isDirectory(parent.resolve(name))) {
                    return new CertificateFolder(parent.resolve(name));
                }
            }
        }
        return null;
    }

    boolean hasHostsFile() {
        return Files.exists(folder.resolve(HOSTS));
    }

    /** By docker's pattern. */
    Trust trust() {
        var authorities = new ArrayList<Path>();
        var keys = new ArrayList<Trust.ClientKey>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (name.endsWith(".crt")) {
                    authorities.add(file);
                } else if (name.endsWith(".cert")) {
                    Path key = folder.resolve(name.substring(0, name.length() - 5) + ".key");
                    if (!Files.exists(key)) {
                        throw new Failure.Invalid(
                                "missing key "
                                        + key.getFileName()
                                        + " for client certificate "
                                        + file);
                    }
                    keys.add(new Trust.ClientKey(file, key));
                }
            }
        } catch (IOException e) {
            throw new Failure.HostRefused("read " + folder + ": " + e.getMessage(), e);
        }
        authorities.sort(null);
        return new Trust(List.copyOf(authorities), List.copyOf(keys), false, null);
    }

    /** By hosts.toml: its hosts in order, at last its server, which is the registry by default. */
    List<Endpoint> endpoints(String registry, OwnHost own) {
        Path file = folder.resolve(HOSTS);
        TomlTable all;
        try {
            all = TomlTable.parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new Failure.HostRefused("read " + file + ": " + e.getMessage(), e);
        }
        var endpoints = new ArrayList<Endpoint>();
        TomlTable hosts = all.table("host");
        if (hosts != null) {
            for (String host : hosts.names()) {
                TomlTable one = hosts.table(host);
                if (one == null) {
                    throw all.invalid("host." + host, "want a table");
                }
                endpoints.add(endpoint(one, host, registry));
            }
        }
        String server = all.text("server");
        if (server == null) {
            endpoints.addAll(own.of(registry, trust(all)));
        } else {
            endpoints.add(endpoint(all, server, registry));
        }
        return List.copyOf(endpoints);
    }

    private Endpoint endpoint(TomlTable table, String host, String registry) {
        URI uri;
        try {
            uri = URI.create(host.contains("://") ? host : "https://" + host);
        } catch (IllegalArgumentException e) {
            throw table.invalid("host", "want an address, got \"" + host + "\"");
        }
        String authority = uri.getRawAuthority();
        if (uri.getHost() == null || authority == null) {
            throw table.invalid("host", "want an address, got \"" + host + "\"");
        }
        boolean self =
                authority.equals(registry)
                        || registry.equals("docker.io")
                                && (authority.equals("registry-1.docker.io")
                                        || authority.equals("docker.io"));
        if (authority.equals("docker.io")) {
            uri = URI.create(uri.getScheme() + "://registry-1.docker.io");
        }
        URI base =
                Boolean.TRUE.equals(table.flag("override_path"))
                        ? bare(uri)
                        : ConfiguredHosts.api(uri);
        return new Endpoint(
                base,
                self ? registry : authority,
                self ? null : registry,
                abilities(table),
                trust(table),
                headers(table),
                null);
    }

    private static URI bare(URI uri) {
        String text = uri.toString();
        return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : uri;
    }

    private static Set<Endpoint.Ability> abilities(TomlTable table) {
        List<String> names = table.texts("capabilities");
        if (names == null || names.isEmpty()) {
            return Endpoint.ALL;
        }
        var abilities = EnumSet.noneOf(Endpoint.Ability.class);
        for (String name : names) {
            switch (name.toLowerCase(Locale.ROOT)) {
                case "pull" -> abilities.add(Endpoint.Ability.PULL);
                case "resolve" -> abilities.add(Endpoint.Ability.RESOLVE);
                case "push" -> abilities.add(Endpoint.Ability.PUSH);
                default ->
                        throw table.invalid(
                                "capabilities", "want pull, resolve or push, got \"" + name + "\"");
            }
        }
        return abilities;
    }

    private Trust trust(TomlTable table) {
        var authorities = new ArrayList<Path>();
        List<String> files = table.texts("ca");
        for (String file : files == null ? List.<String>of() : files) {
            authorities.add(folder.resolve(file));
        }
        var keys = new ArrayList<Trust.ClientKey>();
        for (List<String> pair : table.pairs("client")) {
            Path certificate = folder.resolve(pair.getFirst());
            String key = pair.size() > 1 ? pair.get(1) : "";
            keys.add(
                    new Trust.ClientKey(
                            certificate, key.isEmpty() ? certificate : folder.resolve(key)));
        }
        return new Trust(
                List.copyOf(authorities),
                List.copyOf(keys),
                Boolean.TRUE.equals(table.flag("skip_verify")),
                timeout(table));
    }

    private static @Nullable Duration timeout(TomlTable table) {
        String text = table.text("dial_timeout");
        if (text == null) {
            return null;
        }
        Map<String, Long> units = Map.of("ms", 1L, "s", 1000L, "m", 60_000L);
        for (String unit : List.of("ms", "s", "m")) {
            if (text.endsWith(unit)) {
                try {
                    double number =
                            Double.parseDouble(text.substring(0, text.length() - unit.length()));
                    return Duration.ofMillis((long) (number * units.getOrDefault(unit, 1L)));
                } catch (NumberFormatException e) {
                    break;
                }
            }
        }
        throw table.invalid("dial_timeout", "want such as \"1s\", got \"" + text + "\"");
    }

    private static Headers headers(TomlTable table) {
        var headers = new Headers();
        TomlTable given = table.table("header");
        if (given != null) {
            for (String name : given.names()) {
                List<String> values = given.texts(name);
                for (String value : values == null ? List.<String>of() : values) {
                    try {
                        headers.add(name, value);
                    } catch (IllegalArgumentException e) {
                        throw given.invalid(name, "want no line feeds");
                    }
                }
            }
        }
        return headers;
    }
}
