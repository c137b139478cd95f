package dev.rung.network.cni;

import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonBoolean;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonNull;
import java.util.List;

/**
 * What the plugin bridge is told.
 *
 * @param gateway whether the bridge has the gateway's addresses
 * @param defaultGateway whether the container's default routes lead there
 * @param force whether other addresses of the bridge make room
 * @param mtu in bytes, 0: not told
 * @param askNeighbours whether IPv6 addresses are used only when nobody else claims them
 * @param withoutLink whether the link in the container is left down, without addresses
 */
record BridgeConf(
        String bridge,
        boolean gateway,
        boolean defaultGateway,
        boolean force,
        boolean masquerade,
        int mtu,
        boolean hairpin,
        boolean promiscuous,
        boolean askNeighbours,
        boolean isolated,
        boolean withoutLink,
        boolean addresses) {
    /** What only the program can do. */
    private static final List<String> FOREIGN = List.of("vlanTrunk", "macspoofchk");

    static BridgeConf read(JsonFields conf) throws PluginError {
        String bridge = conf.optionalText("bridge");
        boolean defaultGateway = conf.flag("isDefaultGateway");
        var read =
                new BridgeConf(
                        bridge == null ? "cni0" : bridge,
                        conf.flag("isGateway") || defaultGateway,
                        defaultGateway,
                        conf.flag("forceAddress"),
                        conf.flag("ipMasq"),
                        ResultJson.number(conf, "mtu"),
                        conf.flag("hairpinMode"),
                        conf.flag("promiscMode"),
                        conf.flag("enabledad"),
                        conf.flag("portIsolation"),
                        conf.flag("disableContainerInterface"),
                        !Plugins.addressType(conf).isEmpty());
        if (read.addresses && read.withoutLink) {
            throw invalid("cannot use IPAM when DisableContainerInterface flag is set");
        } else if (read.hairpin && read.promiscuous) {
            throw invalid("cannot set hairpin mode and promiscuous mode at the same time");
        }
        return read;
    }

    private static PluginError invalid(String message) {
        return new PluginError(PluginError.INVALID_CONFIGURATION, message, "");
    }

    /** Whether there is nothing in it that only the program can do: tags and checks of frames. */
    static boolean isPlain(JsonFields conf) {
        String backend = ResultJson.text(conf, "ipMasqBackend");
        return conf.integerOr("vlan", 0, 4094, 0) == 0
                && FOREIGN.stream().noneMatch(name -> isGiven(conf, name))
                && !backend.equals("iptables");
    }

    private static boolean isGiven(JsonFields conf, String name) {
        return switch (conf.json().get(name)) {
            case null -> false;
            case JsonNull _ -> false;
            case JsonBoolean flag -> flag.value();
            case JsonArray array -> !array.values().isEmpty();
            default -> true;
        };
    }
}
