package dev.rung.network.cni;

import java.util.Map;

/** The types of plugins that are answered in process. */
final class BuiltInPlugins {
    private BuiltInPlugins() {}

    static Map<String, Plugins.BuiltIn> all(CniSettings settings, CniRules rules) {
        if (!settings.builtIn()) {
            return Map.of();
        }
        return Map.of(
                "bandwidth", new BandwidthPlugin(),
                "firewall", new FirewallPlugin(rules),
                "tuning", new TuningPlugin(),
                "bridge", new BridgePlugin(rules),
                "host-local", new HostLocal(),
                "loopback", new LoopbackPlugin(),
                "portmap", new PortmapPlugin(rules));
    }
}
