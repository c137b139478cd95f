package dev.rung.daemon.settings;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.image.http.ServerCertificates;
import dev.rung.oci.json.JsonFields;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code hosts}, {@code group} and the settings of TLS. A port that is open to who comes
 * without a certificate is root's account for everybody, so that it takes a word of its own.
 */
final class DoorSettings {
    private static final String UNIX = "unix://";
    private static final String TCP = "tcp://";
    private static final int PLAIN_PORT = 2375;
    private static final int ENCRYPTED_PORT = 2376;
    private static final int MOST_PORTS = 0xffff;

    private final List<JsonFields> files; // those that count first

    DoorSettings(List<JsonFields> files) {
        this.files = files;
    }

    DockerDoors doors() {
        ServerCertificates certificates = certificates();
        var doors = new ArrayList<DockerDoors.Door>();
        JsonFields hosts = with(Keys.HOSTS);
        for (String host : hosts == null ? List.<String>of() : hosts.texts(Keys.HOSTS)) {
            doors.add(door(host, certificates != null, isSafe(certificates)));
        }
        JsonFields group = with(Keys.GROUP);
        String name = group == null ? null : group.optionalText(Keys.GROUP);
        return new DockerDoors(List.copyOf(doors), name == null ? "" : name, certificates);
    }

    private boolean isSafe(@Nullable ServerCertificates certificates) {
        return certificates != null && certificates.authorities() != null || flag(Keys.PLAIN_TCP);
    }

    private static DockerDoors.Door door(String host, boolean encrypted, boolean safe) {
        if (host.equals("fd://")) {
            return new DockerDoors.Door.Given();
        } else if (host.startsWith(UNIX + "/")) {
            return new DockerDoors.Door.AtPath(Path.of(host.substring(UNIX.length())));
        } else if (host.startsWith(TCP)) {
            String rest = host.substring(TCP.length());
            int colon = rest.lastIndexOf(':');
            boolean bare = colon < 0 || rest.endsWith("]");
            String address = (bare ? rest : rest.substring(0, colon)).replaceAll("[\\[\\]]", "");
            int port = bare ? encrypted ? ENCRYPTED_PORT : PLAIN_PORT : port(rest, colon);
            if (port > 0 && address.matches("[0-9.]*|[0-9a-fA-F:.]+|localhost")) {
                String plain = address.isEmpty() ? "127.0.0.1" : address;
                return new DockerDoors.Door.AtPort(plain, port, safe);
            }
        }
        throw new Failure.Invalid(
                Keys.HOSTS
                        + ": \""
                        + Printable.of(host)
                        + "\": want unix:///PATH, tcp://ADDRESS:PORT or fd://");
    }

    /** 0 for none. */
    private static int port(String text, int colon) {
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            return port > MOST_PORTS ? 0 : port;
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    /** As dockerd has it: tlsverify asks for certificates of clients, tls alone does not. */
    private @Nullable ServerCertificates certificates() {
        boolean verifies = flag(Keys.TLS_VERIFY);
        if (!verifies && !flag(Keys.TLS)) {
            return null;
        }
        Path certificate = path(Keys.TLS_CERTIFICATE);
        Path key = path(Keys.TLS_KEY);
        Path authorities = verifies ? path(Keys.TLS_AUTHORITIES) : null;
        if (certificate == null || key == null || verifies && authorities == null) {
            throw new Failure.Invalid(
                    (verifies ? Keys.TLS_VERIFY : Keys.TLS)
                            + ": want the files "
                            + (verifies ? "tlscacert, " : "")
                            + "tlscert and tlskey");
        }
        return new ServerCertificates(certificate, key, authorities);
    }

    private @Nullable Path path(String key) {
        JsonFields fields = with(key);
        if (fields == null) {
            return null;
        }
        Path path = Path.of(fields.text(key));
        if (!path.isAbsolute()) {
            throw fields.invalid(key, "want an absolute path");
        }
        return path;
    }

    private boolean flag(String key) {
        JsonFields fields = with(key);
        return fields != null && Boolean.TRUE.equals(fields.optionalFlag(key));
    }

    /** The first file that gives it. */
    private @Nullable JsonFields with(String key) {
        for (JsonFields fields : files) {
            if (fields.has(key)) {
                return fields;
            }
        }
        return null;
    }
}
