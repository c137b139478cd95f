package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * How much a container may read from and write to devices of the host.
 *
 * @param weights relative to others', 10 to 1000
 * @param readBytes a second
 * @param writeBytes a second
 * @param reads a second
 * @param writes a second
 */
public record BlockRates(
        List<Rate> weights,
        List<Rate> readBytes,
        List<Rate> writeBytes,
        List<Rate> reads,
        List<Rate> writes) {
    public static final BlockRates NONE =
            new BlockRates(List.of(), List.of(), List.of(), List.of(), List.of());

    private static final long LEAST_WEIGHT = 10;
    private static final long MOST_WEIGHT = 1000;

    /** Of one device, by the path of its node. */
    public record Rate(String path, long value) {
        /** PATH:WEIGHT. */
        public static Rate weight(String text) {
            Rate rate = parse(text, false);
            if (rate.value < LEAST_WEIGHT || rate.value > MOST_WEIGHT) {
                throw new Failure.Invalid("invalid weight for device: " + Printable.of(text));
            }
            return rate;
        }

        /** PATH:SIZE. */
        public static Rate bytes(String text) {
            return parse(text, true);
        }

        /** PATH:NUMBER. */
        public static Rate count(String text) {
            return parse(text, false);
        }

        private static Rate parse(String text, boolean size) {
            int colon = text.lastIndexOf(':');
            String path = text.substring(0, Math.max(0, colon));
            if (!path.startsWith("/dev/")) {
                throw new Failure.Invalid("bad format for device path: " + Printable.of(text));
            }
            String value = text.substring(colon + 1);
            try {
                long number = size ? ByteSize.parse(value) : Long.parseLong(value);
                if (number >= 0) {
                    return new Rate(path, number);
                }
            } catch (NumberFormatException | Failure.Invalid _) {
                // told below
            }
            throw new Failure.Invalid(
                    "invalid rate for device: "
                            + Printable.of(text)
                            + ". The correct format is <device-path>:<number>"
                            + (size
                                    ? "[<unit>]. Number must be a positive integer. Unit is optional"
                                            + " and can be kb, mb, or gb"
                                    : ". Number must be a positive integer"));
        }
    }

    boolean isEmpty() {
        return equals(NONE);
    }

    static BlockRates read(JsonFields fields) {
        return new BlockRates(
                read(fields, "BlkioWeightDevice", "Weight"),
                read(fields, "BlkioDeviceReadBps", "Rate"),
                read(fields, "BlkioDeviceWriteBps", "Rate"),
                read(fields, "BlkioDeviceReadIOps", "Rate"),
                read(fields, "BlkioDeviceWriteIOps", "Rate"));
    }

    private static List<Rate> read(JsonFields fields, String name, String value) {
        var rates = new ArrayList<Rate>();
        for (JsonFields rate : fields.objects(name)) {
            rates.add(new Rate(rate.text("Path"), rate.integer(value, 0, Long.MAX_VALUE)));
        }
        return List.copyOf(rates);
    }

    void write(JsonWriter to) {
        write(to, "BlkioWeightDevice", "Weight", weights);
        write(to, "BlkioDeviceReadBps", "Rate", readBytes);
        write(to, "BlkioDeviceWriteBps", "Rate", writeBytes);
        write(to, "BlkioDeviceReadIOps", "Rate", reads);
        write(to, "BlkioDeviceWriteIOps", "Rate", writes);
    }

    private static void write(JsonWriter to, String name, String value, List<Rate> rates) {
        to.name(name);
        if (rates.isEmpty()) {
            to.value(JsonNull.NULL);
            return;
        }
        to.beginArray();
        for (Rate rate : rates) {
            to.beginObject().field("Path", rate.path).field(value, rate.value).endObject();
        }
        to.endArray();
    }
}
