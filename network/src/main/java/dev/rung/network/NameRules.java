package dev.rung.network;

import static dev.rung.linux.Expression.META_L4PROTO;
import static dev.rung.linux.Expression.NETWORK_HEADER;
import static dev.rung.linux.Expression.TRANSPORT_HEADER;

import dev.rung.linux.Expression;
import dev.rung.linux.Expression.Compare;
import dev.rung.linux.Expression.Load;
import dev.rung.linux.Expression.Meta;
import dev.rung.linux.Expression.Payload;
import dev.rung.linux.Expression.Verdict;
import dev.rung.linux.Expression.Write;
import dev.rung.linux.RuleBatch;
import dev.rung.linux.RuleBatch.Hook;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The rules in a container's namespace that lead questions for 127.0.0.11:53 to where its name
 * server listens. They write the ports over and remember no connection: address translation would
 * have the kernel track every packet of the container, which costs a round trip a twentieth.
 */
final class NameRules {
    private static final String TABLE = "rung-names";
    private static final String ASK = "ask";
    private static final String ANSWER = "answer";

    /** Before a container's own rules track connections, and after. */
    private static final int UNTRACKED = -300;

    private static final int TRACKED = -150;

    private static final int REGISTER = 1;
    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int V4_SOURCE = 12;
    private static final int ICMP = 1;
    private static final byte UNREACHABLE = 3;
    private static final int ICMP_CHECKSUM = 2;
    private static final int ICMP_HEADER = 8;
    private static final int V4_PROTOCOL = 9;
    private static final int V4_HEADER = 20;

    private NameRules() {}

    /** In place of what an earlier Rung had there. */
    static RuleBatch of(int udpPort, int tcpPort) {
        var batch = new RuleBatch(RuleBatch.IPV4, TABLE).table().deleteTable().table();
        batch.chain(ASK, new Hook("filter", Hook.OUTPUT, UNTRACKED));
        batch.chain(ANSWER, new Hook("filter", Hook.PREROUTING, TRACKED));
        batch.rule(ASK, others(PacketFilter.V4_DESTINATION));
        batch.rule(ANSWER, others(V4_SOURCE));
        lead(batch, Protocol.UDP, udpPort, 6);
        lead(batch, Protocol.TCP, tcpPort, 16);
        return batch.rule(ANSWER, nobodyListens(udpPort));
    }

    /** Nearly all packets: what they cost is how long this takes. */
    private static List<Expression> others(int address) {
        return List.of(
                new Payload(NETWORK_HEADER, address, 4, REGISTER),
                new Compare(REGISTER, false, NameServers.ADDRESS.getAddress()),
                Verdict.ACCEPT);
    }

    private static void lead(RuleBatch batch, Protocol protocol, int port, int checksum) {
        batch.rule(ASK, rewrite(protocol, DESTINATION_PORT, NameServers.DNS, port, checksum));
        batch.rule(ANSWER, rewrite(protocol, SOURCE_PORT, port, NameServers.DNS, checksum));
    }

    private static List<Expression> rewrite(
            Protocol protocol, int where, int from, int to, int checksum) {
        return List.of(
                new Meta(META_L4PROTO, REGISTER),
                new Compare(REGISTER, true, new byte[] {(byte) protocol.number()}),
                new Payload(TRANSPORT_HEADER, where, 2, REGISTER),
                new Compare(REGISTER, true, port(from)),
                new Load(REGISTER, port(to)),
                new Write(where, 2, REGISTER, checksum));
    }

    /**
     * Without a daemon the kernel says so to who asks by UDP, and shows the question's headers,
     * whose port must be the one that was asked.
     */
    private static List<Expression> nobodyListens(int port) {
        int asked = ICMP_HEADER + V4_HEADER + DESTINATION_PORT;
        return List.of(
                new Meta(META_L4PROTO, REGISTER),
                new Compare(REGISTER, true, new byte[] {ICMP}),
                new Payload(TRANSPORT_HEADER, 0, 1, REGISTER),
                new Compare(REGISTER, true, new byte[] {UNREACHABLE}),
                new Payload(TRANSPORT_HEADER, ICMP_HEADER + V4_PROTOCOL, 1, REGISTER),
                new Compare(REGISTER, true, new byte[] {(byte) Protocol.UDP.number()}),
                new Payload(TRANSPORT_HEADER, asked, 2, REGISTER),
                new Compare(REGISTER, true, port(port)),
                new Load(REGISTER, port(NameServers.DNS)),
                new Write(asked, 2, REGISTER, ICMP_CHECKSUM));
    }

    private static byte[] port(int port) {
        return ByteBuffer.allocate(Short.BYTES).putShort((short) port).array();
    }
}
