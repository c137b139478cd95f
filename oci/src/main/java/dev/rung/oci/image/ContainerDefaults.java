package dev.rung.oci.image;

import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What containers of an image get when nothing else is asked for (image-spec config.md "config",
 * with the fields that Docker adds).
 *
 * @param user name or id, with an optional :group
 * @param exposedPorts such as 80/tcp
 * @param entrypoint null when none is given, which differs from an empty one for who inherits it
 * @param volumes paths in the container
 * @param stopSignal such as SIGTERM
 * @param stopTimeoutSeconds Docker's
 * @param onBuild Docker's: instructions for images built from this one
 * @param shell Docker's: what the shell form of instructions is run by
 */
public record ContainerDefaults(
        @Nullable String user,
        List<String> exposedPorts,
        List<String> env,
        @Nullable List<String> entrypoint,
        @Nullable List<String> cmd,
        List<String> volumes,
        @Nullable String workingDir,
        Map<String, String> labels,
        @Nullable String stopSignal,
        @Nullable Long stopTimeoutSeconds,
        @Nullable Healthcheck healthcheck,
        List<String> onBuild,
        @Nullable List<String> shell,
        boolean argsEscaped) {
    private static final ContainerDefaults NONE =
            new ContainerDefaults(
                    null, List.of(), List.of(), null, null, List.of(), null, Map.of(), null, null,
                    null, List.of(), null, false);

    /**
     * Docker's health check; times are in nanoseconds, 0 for the default.
     *
     * @param test its first element says how the others are run: NONE, CMD or CMD-SHELL
     */
    public record Healthcheck(
            List<String> test,
            long intervalNs,
            long timeoutNs,
            long startPeriodNs,
            long startIntervalNs,
            long retries) {}

    /** Those of an image that says nothing. */
    public static ContainerDefaults none() {
        return NONE;
    }

    static ContainerDefaults of(@Nullable JsonFields fields) {
        if (fields == null) {
            return NONE;
        }
        return new ContainerDefaults(
                fields.optionalText("User"),
                names(fields.optionalObject("ExposedPorts")),
                fields.texts("Env"),
                fields.optionalTexts("Entrypoint"),
                fields.optionalTexts("Cmd"),
                names(fields.optionalObject("Volumes")),
                fields.optionalText("WorkingDir"),
                fields.freeTexts("Labels"),
                fields.optionalText("StopSignal"),
                fields.optionalInteger("StopTimeout", Integer.MIN_VALUE, Integer.MAX_VALUE),
                healthcheck(fields.optionalObject("Healthcheck")),
                fields.texts("OnBuild"),
                fields.optionalTexts("Shell"),
                fields.flag("ArgsEscaped"));
    }

    private static @Nullable Healthcheck healthcheck(@Nullable JsonFields fields) {
        if (fields == null) {
            return null;
        }
        return new Healthcheck(
                fields.texts("Test"),
                fields.integerOr("Interval", 0, Long.MAX_VALUE, 0),
                fields.integerOr("Timeout", 0, Long.MAX_VALUE, 0),
                fields.integerOr("StartPeriod", 0, Long.MAX_VALUE, 0),
                fields.integerOr("StartInterval", 0, Long.MAX_VALUE, 0),
                fields.integerOr("Retries", 0, Integer.MAX_VALUE, 0));
    }

    /** A set, which the specification writes as an object of empty objects. */
    private static List<String> names(@Nullable JsonFields fields) {
        if (fields == null) {
            return List.of();
        }
        var names = new ArrayList<String>(fields.size());
        for (int i = 0; i < fields.size(); i++) {
            names.add(fields.name(i));
        }
        return List.copyOf(names);
    }

    void write(JsonWriter writer) {
        writer.beginObject().optional("User", user);
        writeNames(writer, "ExposedPorts", exposedPorts);
        writer.optional("Env", env);
        writeList(writer, "Entrypoint", entrypoint);
        writeList(writer, "Cmd", cmd);
        writeNames(writer, "Volumes", volumes);
        writer.optional("WorkingDir", workingDir)
                .optional("Labels", labels)
                .optional("StopSignal", stopSignal);
        if (stopTimeoutSeconds != null) {
            writer.field("StopTimeout", stopTimeoutSeconds);
        }
        if (healthcheck != null) {
            writer.name("Healthcheck").beginObject().optional("Test", healthcheck.test);
            writeNumber(writer, "Interval", healthcheck.intervalNs);
            writeNumber(writer, "Timeout", healthcheck.timeoutNs);
            writeNumber(writer, "StartPeriod", healthcheck.startPeriodNs);
            writeNumber(writer, "StartInterval", healthcheck.startIntervalNs);
            writeNumber(writer, "Retries", healthcheck.retries);
            writer.endObject();
        }
        writer.optional("OnBuild", onBuild);
        writeList(writer, "Shell", shell);
        writer.optional("ArgsEscaped", argsEscaped ? Boolean.TRUE : null).endObject();
    }

    private static void writeNames(JsonWriter writer, String name, List<String> names) {
        if (!names.isEmpty()) {
            writer.name(name).beginObject();
            for (String one : names) {
                writer.name(one).beginObject().endObject();
            }
            writer.endObject();
        }
    }

    private static void writeList(JsonWriter writer, String name, @Nullable List<String> texts) {
        if (texts != null) {
            writer.field(name, texts);
        }
    }

    private static void writeNumber(JsonWriter writer, String name, long number) {
        if (number != 0) {
            writer.field(name, number);
        }
    }
}
