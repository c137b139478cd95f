package dev.rung.oci;

import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A bundle's config.json (config.md).
 *
 * @param ociVersion some 1.x
 * @param process {@link ContainerProcess#NONE} when there is none
 * @param startable whether there is a process: without one a container can be created, but not
 *     started (runtime.md "Start")
 * @param annotations names and texts may hold a NUL
 */
public record RuntimeConfig(
        String ociVersion,
        ContainerProcess process,
        boolean startable,
        Root root,
        @Nullable String hostname,
        @Nullable String domainname,
        List<Mount> mounts,
        Hooks hooks,
        Map<String, String> annotations,
        LinuxConfig linux) {

    /** The version of the specification that these records follow. */
    public static final String SPECIFICATION = "1.3.0";

    /**
     * The container's root file system.
     *
     * @param path absolute, or relative to the bundle
     */
    public record Root(String path, boolean readonly) {}

    /**
     * Reads a config.
     *
     * @param file what errors call it
     * @param json its bytes
     * @throws dev.rung.domain.Failure.Invalid with the file and the place or the key
     */
    public static RuntimeConfig read(String file, byte[] json) {
        return of(JsonFields.read(file, json));
    }

    /** The same of one that was read as any JSON. */
    public static RuntimeConfig of(JsonFields fields) {
        String version = version(fields);
        JsonFields process = fields.optionalObject("process");
        JsonFields root = fields.optionalObject("root");
        if (root == null) {
            throw fields.invalid("root", "root must be specified");
        }
        return new RuntimeConfig(
                version,
                process == null ? ContainerProcess.NONE : ContainerProcess.of(process),
                process != null,
                new Root(root.text("path"), root.flag("readonly")),
                fields.optionalText("hostname"),
                fields.optionalText("domainname"),
                Mount.list(fields, "mounts"),
                Hooks.of(fields.optionalObject("hooks")),
                fields.freeTexts("annotations"),
                LinuxConfig.of(fields.optionalObject("linux")));
    }

    /** A version by the rules of SemVer 2.0.0 whose first number is 1. */
    private static String version(JsonFields fields) {
        String version = fields.text("ociVersion");
        int at = 0;
        for (int part = 0; part < 3; part++) {
            int from = at;
            while (at < version.length()
                    && version.charAt(at) >= '0'
                    && version.charAt(at) <= '9') {
                at++;
            }
            boolean last = part == 2;
            boolean ends = at == version.length() || "-+".indexOf(version.charAt(at)) >= 0;
            if (at == from || (last ? !ends : ends || version.charAt(at) != '.')) {
                throw fields.invalid(
                        "ociVersion",
                        "want a version such as "
                                + SPECIFICATION
                                + ", got \""
                                + Printable.of(version)
                                + "\"");
            }
            if (part == 0 && !version.startsWith("1.")) {
                throw fields.invalid(
                        "ociVersion",
                        "unknown version specified: want 1.x, got \""
                                + Printable.of(version)
                                + "\"");
            }
            at++;
        }
        return version;
    }
}
