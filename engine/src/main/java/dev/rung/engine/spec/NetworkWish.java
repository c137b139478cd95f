package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * A network that a container is to be in, and how.
 *
 * @param aliases further names under which others there find it
 * @param links further names for others there, CONTAINER:ALIAS, under which it finds them alone
 * @param ipv4 the address wished for, empty for any
 * @param ipv6 the address wished for, empty for any
 * @param mac empty for one made from the address
 * @param priority the network with the highest has the default routes and the published ports; of
 *     those with the same the one whose name comes first
 */
public record NetworkWish(
        String network,
        List<String> aliases,
        List<String> links,
        String ipv4,
        String ipv6,
        String mac,
        int priority) {

    public NetworkWish {
        aliases = List.copyOf(aliases);
        links = List.copyOf(links);
        if (network.isEmpty()) {
            throw new Failure.Invalid("invalid name or ID supplied: \"\"");
        }
    }

    /** Without wishes. */
    public static NetworkWish of(String network) {
        return new NetworkWish(network, List.of(), List.of(), "", "", "", 0);
    }

    /** The same for a network called otherwise. */
    public NetworkWish in(String other) {
        return new NetworkWish(other, aliases, links, ipv4, ipv6, mac, priority);
    }

    /** The same with these links, too. */
    public NetworkWish linked(List<String> more) {
        var all = new ArrayList<>(links);
        more.stream().filter(link -> !links.contains(link)).forEach(all::add);
        return new NetworkWish(network, aliases, all, ipv4, ipv6, mac, priority);
    }

    /** Whether more is wished for than to be there, which the default network does not give. */
    public boolean isPlain() {
        return aliases.isEmpty() && ipv4.isEmpty() && ipv6.isEmpty();
    }

    public static NetworkWish read(JsonFields fields) {
        return new NetworkWish(
                fields.text("network"),
                fields.texts("aliases"),
                fields.texts("links"),
                Texts.orEmpty(fields, "ipv4"),
                Texts.orEmpty(fields, "ipv6"),
                Texts.orEmpty(fields, "mac"),
                (int) fields.integerOr("priority", Integer.MIN_VALUE, Integer.MAX_VALUE, 0));
    }

    public void write(JsonWriter to) {
        to.beginObject().field("network", network);
        if (!aliases.isEmpty()) {
            to.field("aliases", aliases);
        }
        if (!links.isEmpty()) {
            to.field("links", links);
        }
        to.optional("ipv4", ipv4).optional("ipv6", ipv6).optional("mac", mac);
        if (priority != 0) {
            to.field("priority", priority);
        }
        to.endObject();
    }
}
