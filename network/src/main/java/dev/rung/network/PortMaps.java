package dev.rung.network;

import dev.rung.linux.RuleBatch;
import dev.rung.linux.RuleBatch.Bytes;
import dev.rung.linux.RuleBatch.SetShape;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The maps of published ports in the table: from protocol and port, with the host's address between
 * them where only one was published, to address and port of the container.
 */
final class PortMaps {
    static final String ANY_V4 = "ports4";
    static final String AT_V4 = "ports4_at";
    static final String ANY_V6 = "ports6";
    static final String AT_V6 = "ports6_at";

    /** Address and the same again, of containers that have ports: calls of their own. */
    static final String OWN_V4 = "own4";

    static final String OWN_V6 = "own6";

    // the nft program's numbers for types
    private static final int PROTOCOL = 12;
    private static final int PORT = 13;
    private static final int V4 = 7;
    private static final int V6 = 8;
    private static final int TYPE_BITS = 6;
    private static final int PIECE = 4; // every part of a key or value takes a multiple of it
    private static final int V6_BYTES = 16;

    static final List<SetShape> SHAPES =
            List.of(
                    new SetShape(
                            ANY_V4,
                            types(PROTOCOL, PORT),
                            2 * PIECE,
                            types(V4, PORT),
                            2 * PIECE,
                            false),
                    new SetShape(
                            AT_V4,
                            types(types(PROTOCOL, V4), PORT),
                            3 * PIECE,
                            types(V4, PORT),
                            2 * PIECE,
                            false),
                    new SetShape(
                            ANY_V6,
                            types(PROTOCOL, PORT),
                            2 * PIECE,
                            types(V6, PORT),
                            V6_BYTES + PIECE,
                            false),
                    new SetShape(
                            AT_V6,
                            types(types(PROTOCOL, V6), PORT),
                            V6_BYTES + 2 * PIECE,
                            types(V6, PORT),
                            V6_BYTES + PIECE,
                            false),
                    new SetShape(OWN_V4, types(V4, V4), 2 * PIECE, 0, 0, false),
                    new SetShape(OWN_V6, types(V6, V6), 2 * V6_BYTES, 0, 0, false));

    private static final Bytes NOTHING = Bytes.of(new byte[0]);

    private PortMaps() {}

    /** Fills the maps anew with the ports of these endpoints. */
    static void write(RuleBatch batch, Collection<Endpoint> endpoints) {
        for (SetShape shape : SHAPES) {
            batch.flushSet(shape.name());
        }
        endpoints.forEach(endpoint -> add(batch, endpoint));
    }

    /** Adds the ports of an endpoint. */
    static void add(RuleBatch batch, Endpoint endpoint) {
        elements(endpoint).forEach((map, ports) -> batch.add(map, ports));
    }

    /** Takes them away again. */
    static void remove(RuleBatch batch, Endpoint endpoint) {
        elements(endpoint).forEach((map, ports) -> batch.remove(map, ports));
    }

    private static Map<String, Map<Bytes, Bytes>> elements(Endpoint endpoint) {
        var maps = new HashMap<String, Map<Bytes, Bytes>>();
        for (PortBinding port : endpoint.ports()) {
            for (boolean v4 : List.of(true, false)) {
                InetAddress target = endpoint.address(v4);
                InetAddress host = port.hostAddress();
                if (target != null && (host == null || port.isV4() == v4)) {
                    boolean any = host == null || host.isAnyLocalAddress();
                    byte[] at = host == null || any ? new byte[0] : host.getAddress();
                    maps.computeIfAbsent(v4 ? OWN_V4 : OWN_V6, _ -> new HashMap<>())
                            .put(twice(target), NOTHING);
                    String map = v4 ? any ? ANY_V4 : AT_V4 : any ? ANY_V6 : AT_V6;
                    maps.computeIfAbsent(map, _ -> new HashMap<>())
                            .put(key(port, at), value(port, target));
                }
            }
        }
        return maps;
    }

    private static Bytes twice(InetAddress address) {
        byte[] bytes = address.getAddress();
        return Bytes.of(ByteBuffer.allocate(2 * bytes.length).put(bytes).put(bytes).array());
    }

    static Bytes key(PortBinding port, byte[] host) {
        var key = ByteBuffer.allocate(2 * PIECE + host.length);
        key.put((byte) port.protocol().number()).position(PIECE);
        key.put(host).putShort((short) port.hostPort());
        return Bytes.of(key.array());
    }

    static Bytes value(PortBinding port, InetAddress target) {
        byte[] address = target.getAddress();
        var value = ByteBuffer.allocate(address.length + PIECE);
        value.put(address).putShort((short) port.containerPort());
        return Bytes.of(value.array());
    }

    private static int types(int first, int second) {
        return first << TYPE_BITS | second;
    }
}
