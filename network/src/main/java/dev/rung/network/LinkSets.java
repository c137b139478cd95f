package dev.rung.network;

import dev.rung.linux.Links;
import dev.rung.linux.RuleBatch;
import dev.rung.linux.RuleBatch.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the sets of links in the table hold for the networks that there are. */
final class LinkSets {
    /** The nft program's number for names of links. */
    static final int NAME = 41;

    static final int TWO_NAMES = NAME << 6 | NAME;
    private static final int NAME_BYTES = Links.LONGEST_NAME + 1;
    private static final Bytes NOTHING = Bytes.of(new byte[0]);

    private LinkSets() {}

    /** Empties the sets and fills them again. */
    static void write(RuleBatch batch, Collection<Network> networks, List<String> guarded) {
        Map<Bytes, Bytes> bridges = new HashMap<>();
        Map<Bytes, Bytes> talkative = new HashMap<>();
        Map<Bytes, Bytes> internal = new HashMap<>();
        Map<Bytes, Bytes> masqueraded = new HashMap<>();
        for (Network network : networks) {
            byte[] name = name(network.bridge());
            bridges.put(Bytes.of(name), NOTHING);
            if (network.talkative()) {
                talkative.put(Bytes.of(twice(name)), NOTHING);
            }
            if (network.internal()) {
                internal.put(Bytes.of(name), NOTHING);
            } else if (network.masquerade()) {
                masqueraded.put(Bytes.of(name), NOTHING);
            }
        }
        Map<Bytes, Bytes> outer = new HashMap<>();
        guarded.forEach(link -> outer.put(Bytes.of(name(link)), NOTHING));
        replace(batch, PacketFilter.BRIDGES, bridges);
        replace(batch, PacketFilter.TALKATIVE, talkative);
        replace(batch, PacketFilter.INTERNAL, internal);
        replace(batch, PacketFilter.MASQUERADED, masqueraded);
        replace(batch, PacketFilter.GUARDED, outer);
    }

    static void replace(RuleBatch batch, String set, Map<Bytes, Bytes> elements) {
        batch.flushSet(set);
        batch.add(set, elements);
    }

    /** A link's name as the kernel compares it: filled up with zeros. */
    static byte[] name(String link) {
        return Arrays.copyOf(link.getBytes(StandardCharsets.UTF_8), NAME_BYTES);
    }

    private static byte[] twice(byte[] name) {
        byte[] both = Arrays.copyOf(name, 2 * name.length);
        System.arraycopy(name, 0, both, name.length, name.length);
        return both;
    }
}
