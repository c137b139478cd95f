package dev.rung.engine.config;

import dev.rung.engine.config.SeccompProfile.Argument;
import dev.rung.engine.config.SeccompProfile.Condition;
import dev.rung.engine.config.SeccompProfile.Group;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The profile of containers for which none was asked: it decides as Docker's published one. */
final class DefaultSeccomp {
    private static final String ALLOW = "SCMP_ACT_ALLOW";
    private static final String ERRNO = "SCMP_ACT_ERRNO";
    private static final String EQUAL = "SCMP_CMP_EQ";
    private static final long EPERM = 1;
    private static final long ENOSYS = 38;
    private static final Condition ADMINISTRATOR =
            new Condition(List.of("CAP_SYS_ADMIN"), List.of());

    /** CLONE_NEW flags of all kinds but time, which clone(2) cannot make. */
    private static final long NEW_NAMESPACES = 0x7e020000L;

    /** Address families that reach past the container: AF_ALG and AF_VSOCK. */
    private static final long AF_ALG = 38;

    private static final long AF_VSOCK = 40;

    private DefaultSeccomp() {}

    static SeccompProfile profile() {
        var groups = new ArrayList<Group>();
        listed(groups);
        groups.add(call("socket", 0, AF_ALG, "SCMP_CMP_LT", Condition.NONE));
        groups.add(call("socket", 0, AF_ALG + 1, EQUAL, Condition.NONE));
        groups.add(call("socket", 0, AF_VSOCK, "SCMP_CMP_GT", Condition.NONE));
        // Linux, without and with UNAME26, 32 bits of address space, both, and the question
        for (long persona : new long[] {0x0, 0x8, 0x20000, 0x20008, 0xffffffffL}) {
            groups.add(call("personality", 0, persona, EQUAL, Condition.NONE));
        }
        groups.add(call("clone", 0, NEW_NAMESPACES, "SCMP_CMP_MASKED_EQ", ADMINISTRATOR));
        // its flags are in memory, out of a filter's sight; C libraries fall back to clone
        groups.add(
                new Group(
                        List.of("clone3"),
                        ERRNO,
                        ENOSYS,
                        List.of(),
                        Condition.NONE,
                        ADMINISTRATOR));
        return new SeccompProfile(ERRNO, EPERM, groups);
    }

    private static Group call(
            String name, long index, long value, String operator, Condition excludes) {
        return new Group(
                List.of(name),
                ALLOW,
                null,
                List.of(new Argument(index, value, 0, operator)),
                Condition.NONE,
                excludes);
    }

    private static void listed(List<Group> groups) {
        String section = "";
        var names = new ArrayList<String>();
        for (String line : text().split("\n")) {
            if (line.startsWith("[")) {
                flush(groups, section, names);
                section = line.substring(1, line.length() - 1);
            } else if (!line.startsWith("#")) {
                names.addAll(Arrays.asList(line.split(" ")));
            }
        }
        flush(groups, section, names);
    }

    private static void flush(List<Group> groups, String section, List<String> names) {
        if (names.isEmpty()) {
            return;
        }
        Condition condition =
                section.equals("always")
                        ? Condition.NONE
                        : section.startsWith("CAP_")
                                ? new Condition(List.of(section), List.of())
                                : new Condition(List.of(), List.of(section));
        groups.add(
                new Group(List.copyOf(names), ALLOW, null, List.of(), condition, Condition.NONE));
        names.clear();
    }

    private static String text() {
        try (InputStream in = DefaultSeccomp.class.getResourceAsStream("seccomp.txt")) {
            if (in == null) {
                throw new IllegalStateException("seccomp.txt is not beside its class");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
