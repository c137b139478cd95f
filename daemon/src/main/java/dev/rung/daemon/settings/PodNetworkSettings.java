package dev.rung.daemon.settings;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.CniOptions;
import dev.rung.oci.json.JsonFields;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads {@code pod-network} and the settings of CNI. */
final class PodNetworkSettings {
    private static final int MOST_SECONDS = 3600;

    private final List<JsonFields> files; // those that count first
    private ForeignNetworks others = ForeignNetworks.NONE;

    PodNetworkSettings(List<JsonFields> files, List<ForeignSettings> foreign) {
        this.files = files;
        for (ForeignSettings each : foreign) {
            others = others.over(each.networks());
        }
    }

    /**
     * All of it.
     *
     * @param served whether there is a kubelet at all
     */
    CniOptions options(boolean served) {
        CniOptions usual = CniOptions.USUAL;
        boolean cni = joinsCni();
        return new CniOptions(
                served && cni,
                or(networks(), or(others.networks(), usual.networks())),
                programs(usual),
                or(text(Keys.CNI_NETWORK), others.network()),
                number(Keys.CNI_MOST, 0, or(others.most(), usual.most())),
                or(preference(), or(others.first(), usual.first())),
                Duration.ofSeconds(
                        number(Keys.CNI_TIMEOUT, 1, (int) usual.patience().toSeconds())));
    }

    private static <T> T or(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }

    private boolean joinsCni() {
        String network = or(text(Keys.POD_NETWORK), "cni");
        return switch (network) {
            case "cni" -> true;
            case "bridge" -> false;
            default -> throw unknown(Keys.POD_NETWORK, network, "cni or bridge");
        };
    }

    private static Failure.Invalid unknown(String key, String value, String wanted) {
        return new Failure.Invalid(key + ": \"" + Printable.of(value) + "\": want " + wanted);
    }

    private @Nullable Path networks() {
        String text = text(Keys.CNI_NETWORKS);
        return text == null ? null : absolute(Keys.CNI_NETWORKS, text);
    }

    private static Path absolute(String key, String text) {
        Path path = Path.of(text);
        if (!path.isAbsolute()) {
            throw unknown(key, text, "an absolute path");
        }
        return path;
    }

    private List<Path> programs(CniOptions usual) {
        JsonFields fields = with(Keys.CNI_PROGRAMS);
        var programs = new ArrayList<Path>();
        if (fields != null) {
            for (String text : fields.texts(Keys.CNI_PROGRAMS)) {
                programs.add(absolute(Keys.CNI_PROGRAMS, text));
            }
        }
        List<Path> known = others.programs().isEmpty() ? usual.programs() : others.programs();
        return programs.isEmpty() ? known : programs;
    }

    private CniOptions.@Nullable First preference() {
        String text = text(Keys.CNI_PREFERENCE);
        CniOptions.First first = text == null ? null : ForeignNetworks.first(text);
        if (text != null && first == null) {
            throw unknown(Keys.CNI_PREFERENCE, text, "ipv4, ipv6 or cni");
        }
        return first;
    }

    private int number(String key, int least, int otherwise) {
        JsonFields fields = with(key);
        Long number = fields == null ? null : fields.optionalInteger(key, least, MOST_SECONDS);
        return number == null ? otherwise : number.intValue();
    }

    private @Nullable String text(String key) {
        JsonFields fields = with(key);
        return fields == null ? null : fields.optionalText(key);
    }

    private @Nullable JsonFields with(String key) {
        return files.stream().filter(fields -> fields.has(key)).findFirst().orElse(null);
    }
}
