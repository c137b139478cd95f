package dev.rung.engine.forward;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/** Datagrams by UDP. What is lost on the way nobody knows of. */
final class UdpConnection implements SyslogConnection {
    private final DatagramChannel channel;
    private final String ownName;

    private UdpConnection(DatagramChannel channel, SocketAddress own) {
        this.channel = channel;
        this.ownName = StreamConnection.name(own);
    }

    static UdpConnection open(String host, int port) throws IOException {
        InetSocketAddress server = StreamConnection.resolved("udp", host, port);
        DatagramChannel channel = DatagramChannel.open();
        try {
            channel.connect(server);
            return new UdpConnection(channel, channel.getLocalAddress());
        } catch (IOException e) {
            channel.close();
            throw StreamConnection.refused("udp", server, e);
        }
    }

    @Override
    public void send(byte[] message) throws IOException {
        channel.write(ByteBuffer.wrap(message));
    }

    @Override
    public String ownName() {
        return ownName;
    }

    @Override
    public boolean isGone() {
        return false; // the next message tells
    }

    @Override
    public void close() {
        StreamConnection.close(channel);
    }
}
