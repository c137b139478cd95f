package dev.rung.network.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;

/** Asks other name servers, from the namespace of the host, and hands their answers on unread. */
final class Upstream {
    private static final int LARGEST = 65_535;
    private static final int PATIENCE_MILLISECONDS = 4_000; // docker's
    private static final int REFUSED = 5;
    private static final int SERVER_FAILURE = 2;

    /** The first answer that is none of failure, else the last one; empty without any. */
    byte[] askByUdp(byte[] message, List<InetSocketAddress> servers) {
        byte[] last = {};
        for (InetSocketAddress server : servers) {
            try (DatagramChannel channel = DatagramChannel.open().connect(server)) {
                channel.write(ByteBuffer.wrap(message));
                channel.socket().setSoTimeout(PATIENCE_MILLISECONDS);
                var packet = new DatagramPacket(new byte[LARGEST], LARGEST);
                do {
                    channel.socket().receive(packet);
                } while (!isAnswer(message, packet));
                last = Arrays.copyOf(packet.getData(), packet.getLength());
                if (!isFailure(last)) {
                    return last;
                }
            } catch (IOException e) {
                // the next one may know
            }
        }
        return last;
    }

    /** The same over TCP. */
    byte[] askByTcp(byte[] message, List<InetSocketAddress> servers) {
        byte[] last = {};
        for (InetSocketAddress server : servers) {
            try (SocketChannel channel = SocketChannel.open()) {
                channel.socket().connect(server, PATIENCE_MILLISECONDS);
                channel.socket().setSoTimeout(PATIENCE_MILLISECONDS);
                var framed = ByteBuffer.allocate(message.length + 2);
                framed.putShort((short) message.length).put(message);
                new DataOutputStream(channel.socket().getOutputStream()).write(framed.array());
                var in = new DataInputStream(channel.socket().getInputStream());
                last = in.readNBytes(in.readUnsignedShort());
                if (!isFailure(last)) {
                    return last;
                }
            } catch (IOException e) {
                // the next one may know
            }
        }
        return last;
    }

    private static boolean isAnswer(byte[] message, DatagramPacket packet) {
        byte[] data = packet.getData();
        return packet.getLength() > 3 && data[0] == message[0] && data[1] == message[1];
    }

    private static boolean isFailure(byte[] answer) {
        int code = answer.length > 3 ? answer[3] & 0xf : SERVER_FAILURE;
        return code == SERVER_FAILURE || code == REFUSED;
    }
}
