package dev.rung.network.cni;

import dev.rung.oci.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an attachment.
 *
 * @param plugins who answers for each plugin of the network
 * @param result what the chain made; null before it ended
 */
record AttachmentRecord(
        NetworkConf network,
        Attachment attachment,
        List<Choice> plugins,
        @Nullable JsonObject result) {

    AttachmentRecord {
        plugins = List.copyOf(plugins);
    }

    /**
     * Who answers for a plugin.
     *
     * @param plugin as {@link Plugins#choose} names it
     * @param addresses the same for the one to which it leaves the addresses, empty without
     */
    record Choice(String plugin, String addresses) {}

    AttachmentRecord with(JsonObject made) {
        return new AttachmentRecord(network, attachment, plugins, made);
    }
}
