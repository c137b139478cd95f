package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.oci.Resources;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The limits that the options of "update" ask for. */
final class UpdateOptions {
    private UpdateOptions() {}

    static Resources resources(Arguments arguments) {
        long weight = arguments.integer("blkio-weight");
        if (weight < 0 || weight > 0xffff) {
            throw new Failure.Invalid("invalid value for blkio-weight: " + weight);
        }
        var memory =
                new Resources.Memory(
                        bytes(arguments, "memory"),
                        bytes(arguments, "memory-reservation"),
                        bytes(arguments, "memory-swap"),
                        bytes(arguments, "kernel-memory"),
                        bytes(arguments, "kernel-memory-tcp"),
                        null,
                        null,
                        null,
                        null);
        var cpu =
                new Resources.Cpu(
                        unsigned(arguments, "cpu-share"),
                        signed(arguments, "cpu-quota"),
                        unsigned(arguments, "cpu-burst"),
                        unsigned(arguments, "cpu-period"),
                        signed(arguments, "cpu-rt-runtime"),
                        unsigned(arguments, "cpu-rt-period"),
                        text(arguments, "cpuset-cpus"),
                        text(arguments, "cpuset-mems"),
                        signed(arguments, "cpu-idle"));
        var blockIo =
                new Resources.BlockIo(
                        weight == 0 ? null : (int) weight,
                        null,
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of());
        return new Resources(
                List.of(),
                memory,
                cpu,
                arguments.has("pids-limit") ? arguments.integer("pids-limit") : null,
                blockIo,
                List.of(),
                new Resources.Network(null, List.of()),
                Map.of(),
                Map.of());
    }

    private static @Nullable String text(Arguments arguments, String name) {
        String text = arguments.text(name);
        return text.isEmpty() ? null : text;
    }

    private static @Nullable Long bytes(Arguments arguments, String name) {
        String text = arguments.text(name);
        if (text.isEmpty()) {
            return null;
        }
        return given(name, text, text.equals("-1") ? Long.valueOf(-1) : GoSyntax.bytes(text));
    }

    private static @Nullable Long unsigned(Arguments arguments, String name) {
        String text = arguments.text(name);
        return text.isEmpty() ? null : given(name, text, GoSyntax.unsigned(text));
    }

    private static @Nullable Long signed(Arguments arguments, String name) {
        String text = arguments.text(name);
        return text.isEmpty() ? null : given(name, text, GoSyntax.decimal(text));
    }

    private static Long given(String name, String text, @Nullable Long value) {
        if (value == null) {
            throw new Failure.Invalid(
                    "invalid value for "
                            + name
                            + ": parsing "
                            + GoSyntax.quoted(text)
                            + ": invalid syntax");
        }
        return value;
    }
}
