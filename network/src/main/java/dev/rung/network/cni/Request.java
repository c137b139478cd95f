package dev.rung.network.cni;

import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonString;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What a plugin is called with.
 *
 * @param conf its configuration, with all that the caller adds: name, cniVersion, runtimeConfig,
 *     prevResult
 * @param version of the specification
 * @param container empty where the call is about none, as are namespace and link
 * @param plugins who answers for those to which it leaves something
 */
record Request(
        JsonFields conf,
        CniVersion version,
        String network,
        String container,
        String namespace,
        String link,
        String arguments,
        Plugins plugins) {

    /** What the chain made so far, or at its end; null when nothing is said about it. */
    @Nullable CniResult previous() throws PluginError {
        JsonFields previous = conf.optionalObject("prevResult");
        return previous == null ? null : ResultJson.read(previous, version);
    }

    /** The same for plugins that only change what another made. */
    CniResult required() throws PluginError {
        CniResult previous = previous();
        if (previous == null) {
            throw new PluginError(
                    PluginError.INVALID_CONFIGURATION, "must be called as chained plugin", "");
        }
        return previous;
    }

    /** The capabilities that were asked for, null for none. */
    @Nullable JsonFields runtimeConfig() {
        return conf.optionalObject("runtimeConfig");
    }

    /**
     * The argument of that name, empty without one; an error for names that the plugin does not
     * know, unless they are to be passed over.
     */
    String argument(String known) throws PluginError {
        String value = "";
        boolean lenient = false;
        var unknown = new ArrayList<String>();
        for (String pair : arguments.isEmpty() ? new String[0] : arguments.split(";", -1)) {
            String[] parts = pair.split("=", -1);
            if (parts.length != 2) {
                throw new PluginError(
                        PluginError.INVALID_ENVIRONMENT, "CNI_ARGS: invalid pair " + pair, "");
            } else if (parts[0].equals(known)) {
                value = parts[1];
            } else if (parts[0].equals("IgnoreUnknown")) {
                lenient = parts[1].equals("1") || parts[1].equalsIgnoreCase("true");
            } else {
                unknown.add(pair);
            }
        }
        if (!lenient && !unknown.isEmpty()) {
            throw new PluginError(
                    PluginError.INVALID_ENVIRONMENT, "CNI_ARGS: unknown args " + unknown, "");
        }
        return value;
    }

    /** The key args.cni of the configuration, null without it. */
    @Nullable JsonFields cniArguments() {
        JsonFields args = conf.optionalObject("args");
        return args == null ? null : args.optionalObject("cni");
    }

    /** The hardware address that is asked for, in the order in which later ones count. */
    String mac() throws PluginError {
        String mac = argument("MAC");
        JsonFields args = cniArguments();
        if (args != null && args.has("mac")) {
            mac = args.text("mac");
        }
        JsonFields runtime = runtimeConfig();
        return runtime != null && runtime.has("mac") ? runtime.text("mac") : mac;
    }

    /** The same with another result before it. */
    Request after(CniResult previous) {
        JsonFields changed =
                JsonFields.of(
                        "network \"" + network + "\"",
                        conf.json().with("prevResult", ResultJson.write(previous, version)));
        return new Request(
                changed, version, network, container, namespace, link, arguments, plugins);
    }

    /** The type of plugin that it is for. */
    String type() {
        return conf.json().get("type") instanceof JsonString type ? type.value() : "";
    }
}
