package dev.rung.daemon.settings;

import dev.rung.engine.CniOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What another engine has written down about networks of pods.
 *
 * @param networks the folder of networks, null: nothing is said
 * @param programs folders of plugins, empty: nothing is said
 * @param network the name of the only one that is joined, empty: nothing is said
 * @param most how many are joined, 0: all, null: nothing is said
 * @param first which address is the pod's own, null: nothing is said
 */
record ForeignNetworks(
        @Nullable Path networks,
        List<Path> programs,
        String network,
        @Nullable Integer most,
        CniOptions.@Nullable First first) {
    static final ForeignNetworks NONE = new ForeignNetworks(null, List.of(), "", null, null);

    /** The words of containerd's ip_pref, which are those of rung.toml. */
    static CniOptions.@Nullable First first(String word) {
        return switch (word) {
            case "ipv4" -> CniOptions.First.IPV4;
            case "ipv6" -> CniOptions.First.IPV6;
            case "cni" -> CniOptions.First.PLUGIN;
            default -> null;
        };
    }

    static String word(CniOptions.First first) {
        return first == CniOptions.First.PLUGIN ? "cni" : first.name().toLowerCase(Locale.ROOT);
    }

    /** What is said here, and of the rest what the other says. */
    ForeignNetworks over(ForeignNetworks other) {
        return new ForeignNetworks(
                networks == null ? other.networks : networks,
                programs.isEmpty() ? other.programs : programs,
                network.isEmpty() ? other.network : network,
                most == null ? other.most : most,
                first == null ? other.first : first);
    }
}
