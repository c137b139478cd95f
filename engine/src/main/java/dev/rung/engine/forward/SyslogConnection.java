package dev.rung.engine.forward;

import dev.rung.engine.spec.SyslogOptions;
import dev.rung.engine.spec.SyslogOptions.Address;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A way to a syslog server. Messages go one after another, each whole or not at all. */
interface SyslogConnection extends AutoCloseable {
    /** Where a machine's own server listens. */
    List<String> LOCAL = List.of("/dev/log", "/var/run/syslog", "/var/run/log");

    void send(byte[] message) throws IOException, InterruptedException;

    /** By what name of ours the server gets to know us. */
    String ownName();

    /** Whether the server has closed it, as far as that can be told without sending. */
    boolean isGone() throws IOException;

    @Override
    void close();

    static SyslogConnection open(SyslogOptions options) throws IOException {
        return switch (options.address()) {
            case Address.Local() -> local();
            case Address.Socket(boolean datagrams, String path) ->
                    datagrams
                            ? LocalDatagrams.connect(path, "@")
                            : StreamConnection.local(Path.of(path), "@");
            case Address.Server(String scheme, String host, int port) ->
                    switch (scheme) {
                        case "udp" -> UdpConnection.open(host, port);
                        case "tcp" -> StreamConnection.tcp(host, port);
                        default -> TlsConnection.open(host, port, options);
                    };
        };
    }

    private static SyslogConnection local() throws IOException {
        for (String path : LOCAL) {
            try {
                return LocalDatagrams.connect(path, "localhost");
            } catch (IOException _) {
                // the next one
            }
        }
        for (String path : LOCAL) {
            try {
                return StreamConnection.local(Path.of(path), "localhost");
            } catch (IOException _) {
                // the next one
            }
        }
        throw new IOException("Unix syslog delivery error");
    }
}
