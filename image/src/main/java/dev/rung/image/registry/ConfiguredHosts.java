package dev.rung.image.registry;

import dev.rung.domain.ImageName;
import dev.rung.image.http.AddressRange;
import dev.rung.image.http.Headers;
import dev.rung.image.http.Trust;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hosts as the files of containerd, docker and the daemon's own configuration name them. The files
 * are read at each pull, so that a change needs no restart.
 */
public final class ConfiguredHosts {
    private static final String HUB_HOST = "registry-1.docker.io";

    private final Supplier<Settings> present;

    /**
     * What the configuration says.
     *
     * @param dockerMirrors addresses of mirrors of docker.io ("registry-mirrors" of daemon.json)
     * @param insecure hosts with an optional port, or ranges of addresses, that may speak plain
     *     http or show any certificate ("insecure-registries"); loopback always may
     * @param hostsFolders with a folder a registry that holds a hosts.toml, or docker's certificate
     *     files, such as /etc/containerd/certs.d and /etc/docker/certs.d; the first that has a
     *     folder for the registry counts
     * @param registriesFiles in the format of podman's registries.conf
     */
    public record Settings(
            List<URI> dockerMirrors,
            List<String> insecure,
            List<Path> hostsFolders,
            List<Path> registriesFiles) {
        /** Without files of the last kind. */
        public Settings(List<URI> dockerMirrors, List<String> insecure, List<Path> hostsFolders) {
            this(dockerMirrors, insecure, hostsFolders, List.of());
        }

        /** Where containerd and docker look. */
        public static final Settings USUAL =
                new Settings(
                        List.of(),
                        List.of(),
                        List.of(
                                Path.of("/etc/containerd/certs.d"),
                                Path.of("/etc/docker/certs.d")));
    }

    public ConfiguredHosts(Settings settings) {
        this(() -> settings);
    }

    /** By settings that may change from pull to pull. */
    public ConfiguredHosts(Supplier<Settings> present) {
        this.present = present;
    }

    /** A host, and what it calls a repository. */
    record Host(Endpoint endpoint, ImageName name) {}

    /** What a person means by a name, which may leave the registry out. */
    public ImageName meant(String text) {
        return RegistriesConf.read(present.get().registriesFiles()).meant(text);
    }

    /**
     * The hosts that may have an image, in the order in which they are to be tried. For a push the
     * image stays under its own name.
     */
    List<Host> of(ImageName wanted, boolean push) {
        var conf = RegistriesConf.read(present.get().registriesFiles());
        var hosts = new ArrayList<Host>();
        for (RegistriesConf.Place place : conf.places(wanted)) {
            ImageName name = push ? wanted : place.name();
            if (!push || !place.mirror()) {
                for (Endpoint endpoint : of(name.domain(), place.insecure())) {
                    hosts.add(new Host(endpoint, name));
                }
            }
        }
        return List.copyOf(hosts);
    }

    /** The hosts for a registry such as docker.io, in the order in which they are to be tried. */
    List<Endpoint> of(String registry) {
        return of(registry, false);
    }

    private List<Endpoint> of(String registry, boolean insecure) {
        var hosts = new ArrayList<Endpoint>();
        Settings settings = present.get();
        CertificateFolder folder = CertificateFolder.find(settings.hostsFolders(), registry);
        if (folder != null && folder.hasHostsFile()) {
            return folder.endpoints(registry, (own, trust) -> own(own, trust, insecure));
        }
        if (registry.equals(ImageName.DOCKER_HUB)) {
            for (URI mirror : settings.dockerMirrors()) {
                hosts.add(mirror(registry, mirror));
            }
        }
        hosts.addAll(own(registry, folder == null ? Trust.HOST : folder.trust(), insecure));
        return List.copyOf(hosts);
    }

    private Endpoint mirror(String registry, URI mirror) {
        String host = String.valueOf(mirror.getRawAuthority());
        return new Endpoint(
                api(mirror),
                host,
                registry,
                EnumSet.of(Endpoint.Ability.PULL, Endpoint.Ability.RESOLVE),
                isInsecure(host) ? Trust.ANY : Trust.HOST,
                new Headers(),
                null);
    }

    /** The address of the API below a host. */
    static URI api(URI host) {
        String text = host.toString();
        while (text.endsWith("/")) {
            text = text.substring(0, text.length() - 1);
        }
        return URI.create(text.endsWith("/v2") || text.contains("/v2/") ? text : text + "/v2");
    }

    /**
     * The registry itself. One that may be insecure is tried in clear text too: at first when it is
     * on this machine, where that is the usual thing and TLS would cost more than the rest.
     */
    private List<Endpoint> own(String registry, Trust trust, boolean insecure) {
        String host = registry.equals(ImageName.DOCKER_HUB) ? HUB_HOST : registry;
        URI https = URI.create("https://" + host + "/v2");
        URI http = URI.create("http://" + host + "/v2");
        if (!insecure && !isInsecure(registry)) {
            return List.of(own(https, registry, trust, null));
        }
        Trust any =
                new Trust(trust.authorities(), trust.clientKeys(), true, trust.connectTimeout());
        return List.of(
                isLoopback(name(registry))
                        ? own(http, registry, any, https)
                        : own(https, registry, any, http));
    }

    private static Endpoint own(URI base, String registry, Trust trust, @Nullable URI otherwise) {
        return new Endpoint(base, registry, null, Endpoint.ALL, trust, new Headers(), otherwise);
    }

    private boolean isInsecure(String registry) {
        String name = name(registry);
        if (isLoopback(name)) {
            return true;
        }
        for (String one : present.get().insecure()) {
            if (one.indexOf('/') > 0
                    ? AddressRange.contains(one, name)
                    : one.equalsIgnoreCase(registry) || one.equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isLoopback(String name) {
        return name.equals("localhost")
                || name.equals("::1")
                || AddressRange.contains("127.0.0.0/8", name);
    }

    /** The host without its port, and without the brackets of IPv6. */
    private static String name(String registry) {
        int colon = registry.lastIndexOf(':');
        String name = colon > registry.lastIndexOf(']') ? registry.substring(0, colon) : registry;
        return name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
    }
}
