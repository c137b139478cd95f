package dev.rung.engine.forward;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Locale;

/** A stream by TCP or through a unix socket; a message ends with its newline. */
final class StreamConnection implements SyslogConnection {
    private final SocketChannel channel;
    private final String ownName;

    private StreamConnection(SocketChannel channel, String ownName) {
        this.channel = channel;
        this.ownName = ownName;
    }

    static StreamConnection tcp(String host, int port) throws IOException {
        InetSocketAddress server = resolved("tcp", host, port);
        SocketChannel channel = connected(server);
        return new StreamConnection(channel, name(channel.getLocalAddress()));
    }

    /** To a server; fails in Go's words. */
    static SocketChannel connected(InetSocketAddress server) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.connect(server);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw refused("tcp", server, e);
        }
    }

    static StreamConnection local(Path path, String ownName) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(path));
            return new StreamConnection(channel, ownName);
        } catch (IOException e) {
            channel.close();
            throw new IOException("dial unix " + path + ": connect: " + words(e), e);
        }
    }

    static InetSocketAddress resolved(String network, String host, int port) throws IOException {
        var address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IOException("dial " + network + ": lookup " + host + ": no such host");
        }
        return address;
    }

    static IOException refused(String network, InetSocketAddress server, IOException cause) {
        return new IOException(
                "dial " + network + " " + name(server) + ": connect: " + words(cause), cause);
    }

    private static String words(IOException e) {
        return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    }

    /** Such as 127.0.0.1:514. */
    static String name(SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            String host = inet.getAddress().getHostAddress();
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
        }
        return address.toString();
    }

    @Override
    public void send(byte[] message) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(message);
        while (left.hasRemaining()) {
            channel.write(left);
        }
    }

    @Override
    public String ownName() {
        return ownName;
    }

    /** A server says nothing: what can be read is the end. */
    @Override
    public boolean isGone() throws IOException {
        channel.configureBlocking(false);
        try {
            return channel.read(ByteBuffer.allocate(1)) < 0;
        } catch (IOException _) {
            return true;
        } finally {
            channel.configureBlocking(true);
        }
    }

    static void close(Channel channel) {
        try {
            channel.close();
        } catch (IOException _) {
            // nobody could do anything about it
        }
    }

    @Override
    public void close() {
        close(channel);
    }
}
