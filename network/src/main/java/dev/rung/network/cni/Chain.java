package dev.rung.network.cni;

import dev.rung.domain.Failure;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The plugins of a network, called one after another (CNI specification, section 3). A failure
 * names the plugin.
 */
final class Chain {
    /**
     * Where a configuration tells our own plugins who answers for addresses. Keys that begin like
     * this are the caller's.
     */
    static final String ADDRESSES = "cni.dev/rung-ipam";

    private final Plugins plugins;

    Chain(Plugins plugins) {
        this.plugins = plugins;
    }

    /** Who is to answer for each plugin; fails before anything is made. */
    List<AttachmentRecord.Choice> choose(NetworkConf network) {
        var choices = new ArrayList<AttachmentRecord.Choice>();
        for (JsonObject plugin : network.plugins()) {
            JsonFields conf = fields(network, plugin);
            String type = conf.text("type");
            try {
                String addresses = Plugins.addressType(conf);
                choices.add(
                        new AttachmentRecord.Choice(
                                plugins.choose(type, conf),
                                addresses.isEmpty() ? "" : plugins.choose(addresses, conf)));
            } catch (PluginError e) {
                throw e.failure(describe(type));
            }
        }
        return choices;
    }

    private static JsonFields fields(NetworkConf network, JsonObject plugin) {
        return JsonFields.of("network \"" + network.name() + "\"", plugin);
    }

    private static String describe(String type) {
        return "plugin type=\"" + type + "\"";
    }

    /** One call of one plugin. */
    private interface Call {
        void to(Plugin plugin, Request request) throws PluginError;
    }

    /** Adds; what was added is taken back when one plugin fails. */
    JsonObject add(AttachmentRecord record) {
        CniResult[] made = {null};
        for (int i = 0; i < record.plugins().size(); i++) {
            try {
                CniResult before = made[0];
                call(
                        record,
                        i,
                        before == null ? null : write(record, before),
                        "add",
                        (plugin, request) -> made[0] = plugin.add(request));
            } catch (Failure e) {
                takeBack(record, i, e);
                throw e;
            }
        }
        return write(record, made[0] == null ? CniResult.EMPTY : made[0]);
    }

    private static JsonObject write(AttachmentRecord record, CniResult result) {
        try {
            return ResultJson.write(result, CniVersion.of(record.network().version()));
        } catch (PluginError e) {
            throw e.failure("network " + record.network().name());
        }
    }

    private void takeBack(AttachmentRecord record, int last, Failure failure) {
        for (int i = last; i >= 0; i--) {
            try {
                call(record, i, null, "delete", Plugin::delete);
            } catch (Failure e) {
                failure.addSuppressed(e);
            }
        }
    }

    /** Takes back what the plugins made, the last one first. */
    void delete(AttachmentRecord record) {
        JsonObject result = atLeast(record, CniVersion.V0_4_0) ? record.result() : null;
        for (int i = record.plugins().size() - 1; i >= 0; i--) {
            call(record, i, result, "delete", Plugin::delete);
        }
    }

    /** Refuses when something is missing. */
    void check(AttachmentRecord record) {
        if (!atLeast(record, CniVersion.V0_4_0)) {
            throw new Failure.Unsupported(
                    "network %s has version \"%s\", which does not support CHECK command"
                            .formatted(record.network().name(), record.network().version()));
        }
        for (int i = 0; i < record.plugins().size(); i++) {
            call(record, i, record.result(), "check", Plugin::check);
        }
    }

    /** Gives the kernel its packet rules again. */
    void mend(AttachmentRecord record) {
        for (int i = 0; i < record.plugins().size(); i++) {
            call(record, i, record.result(), "mend", Plugin::mend);
        }
    }

    /** Takes back what belongs to no valid attachment; all plugins are called, come what may. */
    void collect(NetworkConf network, Set<Attachment.Key> valid) {
        var attachments = new ArrayList<Json>();
        for (Attachment.Key key : valid) {
            attachments.add(
                    JsonObject.empty()
                            .with("containerID", new JsonString(key.container()))
                            .with("ifname", new JsonString(key.link())));
        }
        var array = new JsonArray(attachments);
        Failure first = null;
        for (JsonObject plugin : network.plugins()) {
            JsonObject conf =
                    plugin.with("cni.dev/valid-attachments", array)
                            .with("cni.dev/attachments", array); // as it was first called
            try {
                callWithout(network, conf, "gc", (own, request) -> own.collect(request, valid));
            } catch (Failure e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** Refuses when the network cannot be joined now. */
    void status(NetworkConf network) {
        for (JsonObject plugin : network.plugins()) {
            callWithout(network, plugin, "status", Plugin::status);
        }
    }

    private static boolean atLeast(AttachmentRecord record, CniVersion version) {
        try {
            return CniVersion.of(record.network().version()).atLeast(version);
        } catch (PluginError e) {
            throw e.failure("network " + record.network().name());
        }
    }

    private void call(
            AttachmentRecord record,
            int place,
            @Nullable JsonObject result,
            String verb,
            Call call) {
        NetworkConf network = record.network();
        Attachment attachment = record.attachment();
        AttachmentRecord.Choice choice = record.plugins().get(place);
        JsonObject plugin = network.plugins().get(place);
        JsonObject asked = attachment.capabilities().of(NetworkConf.capabilities(plugin));
        JsonObject conf = plugin.without("capabilities");
        if (asked.size() > 0) {
            conf = conf.with("runtimeConfig", asked);
        }
        if (result != null) {
            conf = conf.with("prevResult", result);
        }
        if (choice.plugin().equals(Plugins.BUILT_IN) && !choice.addresses().isEmpty()) {
            conf = conf.with(ADDRESSES, new JsonString(choice.addresses()));
        }
        call(network, conf, attachment, choice.plugin(), verb, call);
    }

    private void callWithout(NetworkConf network, JsonObject plugin, String verb, Call call) {
        JsonObject conf = plugin.without("capabilities");
        JsonFields fields = fields(network, conf);
        String type = fields.text("type");
        try {
            call(network, conf, null, plugins.choose(type, fields), verb, call);
        } catch (PluginError e) {
            throw e.failure(describe(type));
        }
    }

    private void call(
            NetworkConf network,
            JsonObject plugin,
            @Nullable Attachment attachment,
            String choice,
            String verb,
            Call call) {
        JsonFields conf =
                fields(
                        network,
                        plugin.with("name", new JsonString(network.name()))
                                .with("cniVersion", new JsonString(network.version())));
        String type = conf.text("type");
        try {
            var request =
                    new Request(
                            conf,
                            CniVersion.of(network.version()),
                            network.name(),
                            attachment == null ? "" : attachment.container(),
                            attachment == null ? "" : attachment.namespace(),
                            attachment == null ? "" : attachment.link(),
                            attachment == null ? "" : attachment.argumentText(),
                            plugins);
            try {
                call.to(plugins.chosen(choice, type, conf), request);
            } catch (Failure e) {
                throw PluginError.of(e);
            }
        } catch (PluginError e) {
            throw e.failure(describe(type) + " failed (" + verb + ")");
        }
    }
}
