package dev.rung.engine.config;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which system calls are allowed, depending on machine and capabilities: the profiles that {@code
 * --security-opt seccomp=FILE} names, and the default one. Once resolved it is the "seccomp" of a
 * runtime's config.
 */
public final class SeccompProfile {
    private static final long MAX_ERRNO = 4095;

    private final String defaultAction;
    private final @Nullable Long defaultErrno;
    private final List<Group> groups;

    SeccompProfile(String defaultAction, @Nullable Long defaultErrno, List<Group> groups) {
        this.defaultAction = defaultAction;
        this.defaultErrno = defaultErrno;
        this.groups = List.copyOf(groups);
    }

    /** Calls with what is to be done about them. */
    record Group(
            List<String> names,
            String action,
            @Nullable Long errno,
            List<Argument> arguments,
            Condition includes,
            Condition excludes) {}

    /** One comparison of an argument; a call matches when all hold. */
    record Argument(long index, long value, long valueTwo, String operator) {}

    /** Nothing given: no condition. Else all capabilities, and one of the machines. */
    record Condition(List<String> capabilities, List<String> machines) {
        static final Condition NONE = new Condition(List.of(), List.of());

        private boolean isEmpty() {
            return capabilities.isEmpty() && machines.isEmpty();
        }

        private boolean holds(String machine, Set<String> held) {
            return held.containsAll(capabilities)
                    && (machines.isEmpty() || machines.contains(machine));
        }

        /** An exclusion needs only one capability. */
        private boolean touches(String machine, Set<String> held) {
            for (String capability : capabilities) {
                if (held.contains(capability)) {
                    return true;
                }
            }
            return machines.contains(machine);
        }
    }

    /** Reads a profile in Docker's format; the architectures that it maps are those of the host. */
    public static SeccompProfile read(String file, byte[] json) {
        JsonFields fields = JsonFields.read(file, json);
        var groups = new ArrayList<Group>();
        for (JsonFields each : fields.objects("syscalls")) {
            List<String> names = new ArrayList<>(each.texts("names"));
            String name = each.optionalText("name");
            if (name != null) {
                names.add(name);
            }
            var arguments = new ArrayList<Argument>();
            for (JsonFields argument : each.objects("args")) {
                arguments.add(
                        new Argument(
                                argument.integer("index", 0, 5),
                                argument.unsignedOrZero("value"),
                                argument.unsignedOrZero("valueTwo"),
                                argument.text("op")));
            }
            groups.add(
                    new Group(
                            List.copyOf(names),
                            each.text("action"),
                            each.optionalInteger("errnoRet", 0, MAX_ERRNO),
                            List.copyOf(arguments),
                            condition(each.optionalObject("includes")),
                            condition(each.optionalObject("excludes"))));
        }
        return new SeccompProfile(
                fields.text("defaultAction"),
                fields.optionalInteger("defaultErrnoRet", 0, MAX_ERRNO),
                groups);
    }

    private static Condition condition(@Nullable JsonFields fields) {
        return fields == null
                ? Condition.NONE
                : new Condition(fields.texts("caps"), fields.texts("arches"));
    }

    /**
     * Writes what holds on a machine with these capabilities.
     *
     * @param machine as uname(2) names it
     * @param capabilities of the bounding set, with CAP_
     */
    void write(JsonWriter to, String machine, Set<String> capabilities) {
        String docker = dockerName(machine);
        to.beginObject().field("defaultAction", defaultAction);
        if (defaultErrno != null) {
            to.field("defaultErrnoRet", defaultErrno);
        }
        to.field("architectures", architectures(machine));
        to.name("syscalls").beginArray();
        for (Group group : groups) {
            boolean excluded =
                    !group.excludes.isEmpty() && group.excludes.touches(docker, capabilities);
            if (!excluded && group.includes.holds(docker, capabilities)) {
                write(to, group);
            }
        }
        to.endArray().endObject();
    }

    private static void write(JsonWriter to, Group group) {
        to.beginObject().field("names", group.names).field("action", group.action);
        if (group.errno != null) {
            to.field("errnoRet", group.errno);
        }
        if (!group.arguments.isEmpty()) {
            to.name("args").beginArray();
            for (Argument argument : group.arguments) {
                to.beginObject()
                        .field("index", argument.index)
                        .field("value", argument.value)
                        .field("valueTwo", argument.valueTwo)
                        .field("op", argument.operator)
                        .endObject();
            }
            to.endArray();
        }
        to.endObject();
    }

    private static String dockerName(String machine) {
        return switch (machine) {
            case "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> throw unknown(machine);
        };
    }

    /** The machine's own calls, and those that its kernel has for older programs. */
    private static List<String> architectures(String machine) {
        return switch (machine) {
            case "x86_64" -> List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
            case "aarch64" -> List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
            default -> throw unknown(machine);
        };
    }

    private static Failure.Unsupported unknown(String machine) {
        return new Failure.Unsupported("no seccomp profile for machine " + Printable.of(machine));
    }
}
