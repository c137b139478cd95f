package dev.rung.tests.hostile;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rung.testkit.Bundle;
import dev.rung.testkit.Command;
import dev.rung.testkit.Json;
import dev.rung.testkit.Outcome;
import dev.rung.testkit.Sandbox;
import dev.rung.testkit.SystemTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Real configs with random faults, given to the installed runtime: never a hang, a stack trace or a
 * half-made container.
 */
@SystemTest
class MutatedConfigTests {
    private static final long SEED = 20261101;
    private static final Duration SOON = Duration.ofSeconds(20);

    @Test
    void shouldExplainOrRefuseWhateverIsWritten(Sandbox sandbox) throws IOException {
        explain(sandbox, SEED, 300, Duration.ofSeconds(20));
    }

    @Test
    @Tag("long")
    @Timeout(900)
    void shouldExplainOrRefuseWhateverIsWrittenThousandsOfTimes(Sandbox sandbox)
            throws IOException {
        explain(sandbox, System.nanoTime(), 20_000, Duration.ofMinutes(12));
    }

    private static void explain(Sandbox sandbox, long seed, int rounds, Duration limit)
            throws IOException {
        assumeTrue(sandbox.runtime().isRung(), "only rung-oci explains");
        Bundle bundle = rich(sandbox);
        byte[] good = Json.write(bundleConfig(bundle)).getBytes(StandardCharsets.UTF_8);
        var random = new Random(seed);
        long end = System.nanoTime() + limit.toNanos();
        for (int round = 0; round < rounds && System.nanoTime() < end; round++) {
            byte[] text =
                    round % 2 == 0 ? withWrongBytes(good, random) : withWrongValues(good, random);
            Files.write(bundle.folder().resolve("config.json"), text);

            Outcome outcome =
                    sandbox.runtime()
                            .command("explain", bundle.folder().toString())
                            .within(SOON)
                            .run();

            judge(outcome, seed, round, text);
        }
    }

    @Test
    void shouldCreateOrRefuseWhateverIsWritten(Sandbox sandbox) throws IOException {
        create(sandbox, SEED, 150, Duration.ofSeconds(25));
    }

    @Test
    @Tag("long")
    @Timeout(900)
    void shouldCreateOrRefuseWhateverIsWrittenThousandsOfTimes(Sandbox sandbox) throws IOException {
        create(sandbox, System.nanoTime(), 5_000, Duration.ofMinutes(12));
    }

    /** The containers are never started, so no program of theirs runs. */
    private static void create(Sandbox sandbox, long seed, int rounds, Duration limit)
            throws IOException {
        Bundle bundle = sandbox.bundle();
        byte[] good = Json.write(bundleConfig(bundle)).getBytes(StandardCharsets.UTF_8);
        var random = new Random(seed);
        long end = System.nanoTime() + limit.toNanos();
        for (int round = 0; round < rounds && System.nanoTime() < end; round++) {
            byte[] text =
                    round % 2 == 0 ? withWrongBytes(good, random) : withWrongValues(good, random);
            Files.write(bundle.folder().resolve("config.json"), text);
            String id = sandbox.newId();

            Command create =
                    sandbox.runtime().command("create", "--bundle", bundle.folder().toString(), id);
            judge(create.within(SOON).run(), seed, round, text);

            sandbox.runtime().command("delete", "--force", id).within(SOON).succeed();
            if (round % 25 == 0) {
                sandbox.expectNothingLeft();
            }
        }
        sandbox.expectNothingLeft();
    }

    private static void judge(Outcome outcome, long seed, int round, byte[] text) {
        try {
            if (outcome.status() == 0
                    && outcome.errors().lines().allMatch(MutatedConfigTests::isWarning)) {
                return;
            }
            outcome.ended(1).refused();
        } catch (AssertionError e) {
            String config = new String(text, StandardCharsets.ISO_8859_1);
            throw new AssertionError("seed " + seed + ", round " + round + ", config " + config, e);
        }
    }

    private static boolean isWarning(String line) {
        return line.contains("level=warning");
    }

    /** One to four changes of bytes: wrong, missing, twice, or cut off. */
    private static byte[] withWrongBytes(byte[] good, Random random) {
        byte[] text = good.clone();
        for (int change = random.nextInt(4); change >= 0; change--) {
            int at = random.nextInt(text.length);
            switch (random.nextInt(6)) {
                case 0 -> text[at] = (byte) random.nextInt(256);
                case 1 -> text[at] = (byte) "{}[],:\"\\0e-".charAt(random.nextInt(11));
                case 2 -> text[at] ^= (byte) (1 << random.nextInt(8));
                case 3 -> text = joined(text, 0, at, at + 1 + random.nextInt(20));
                case 4 -> text = joined(text, 0, at, Math.max(0, at - random.nextInt(40)));
                default -> text = random.nextInt(8) == 0 ? joined(text, 0, at, text.length) : text;
            }
        }
        return text;
    }

    /** The bytes up to one place, and those from another. */
    private static byte[] joined(byte[] text, int from, int to, int again) {
        int rest = Math.max(0, text.length - again);
        byte[] joined = new byte[to - from + rest + 1];
        System.arraycopy(text, from, joined, 0, to - from);
        System.arraycopy(text, text.length - rest, joined, to - from, rest);
        joined[joined.length - 1] = ' ';
        return joined;
    }

    /** One to three values replaced by ones of another kind or size; hooks and sources stay. */
    private static byte[] withWrongValues(byte[] good, Random random) {
        Object whole = Json.read(new String(good, StandardCharsets.UTF_8));
        for (int change = random.nextInt(3); change >= 0; change--) {
            replaceOne(whole, random, 0);
        }
        return Json.write(whole).getBytes(StandardCharsets.UTF_8);
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys, and its lists hold anything
    private static void replaceOne(@Nullable Object holder, Random random, int depth) {
        if (holder instanceof Map<?, ?> object && !object.isEmpty()) {
            var keys = new ArrayList<>(((Map<String, @Nullable Object>) object).keySet());
            String key = keys.get(random.nextInt(keys.size()));
            Object value = object.get(key);
            boolean inner = value instanceof Map || value instanceof List;
            if (inner && random.nextInt(8) > 0) {
                replaceOne(value, random, depth + 1);
            } else if (!key.equals("namespaces") && !key.equals("hooks") && !key.equals("source")) {
                ((Map<String, @Nullable Object>) object)
                        .put(key, Json.read(Json.write(strange(random))));
            }
        } else if (holder instanceof List<?> list && !list.isEmpty()) {
            int at = random.nextInt(list.size());
            Object value = list.get(at);
            boolean inner = value instanceof Map || value instanceof List;
            if (inner && random.nextInt(8) > 0) {
                replaceOne(value, random, depth + 1);
            } else {
                ((List<@Nullable Object>) list).set(at, Json.read(Json.write(strange(random))));
            }
        }
    }

    private static @Nullable Object strange(Random random) {
        return switch (random.nextInt(18)) {
            case 0 -> null;
            case 1 -> true;
            case 2 -> -1L;
            case 3 -> 0L;
            case 4 -> Long.MAX_VALUE;
            case 5 -> new java.math.BigDecimal("18446744073709551616");
            case 6 -> new java.math.BigDecimal("1.5");
            case 7 -> new java.math.BigDecimal("1e400");
            case 8 -> "";
            case 9 -> "x".repeat(5000);
            case 10 -> "../../..";
            case 11 -> "a\0b";
            case 12 -> "line\nline";
            case 13 -> List.of();
            case 14 -> Map.of();
            case 15 -> List.of("a", 1L, List.of());
            case 16 -> Map.of("a", Map.of("b", "c"));
            default -> "/proc/self/fd/3";
        };
    }

    /** A config with something of nearly all that there is. */
    private static Bundle rich(Sandbox sandbox) {
        return sandbox.bundle()
                .set(
                        "process.user",
                        Map.of("uid", 1, "gid", 2, "umask", 18, "additionalGids", List.of(3, 4)))
                .set("process.oomScoreAdj", 100)
                .set("process.scheduler", Map.of("policy", "SCHED_BATCH", "nice", 5))
                .set("process.ioPriority", Map.of("class", "IOPRIO_CLASS_BE", "priority", 4))
                .set("process.consoleSize", Map.of("height", 24, "width", 80))
                .add("process.rlimits", Map.of("type", "RLIMIT_CORE", "soft", 0, "hard", 0))
                .mount("/a/b", "tmpfs", "tmpfs", "size=1m", "mode=1777", "noexec", "rro")
                .bind(Path.of("/tmp"), "/c", "rbind", "rprivate", "ro")
                .set("domainname", "example.org")
                .set("annotations", Map.of("a", "b", "c", "d"))
                .set("linux.sysctl", Map.of("net.ipv4.ip_forward", "1"))
                .set("linux.cgroupsPath", "/explained")
                .set(
                        "linux.uidMappings",
                        List.of(Map.of("containerID", 0, "hostID", 1000, "size", 10)))
                .set(
                        "linux.gidMappings",
                        List.of(Map.of("containerID", 0, "hostID", 1000, "size", 10)))
                .namespace("user", null)
                .namespace("time", null)
                .set("linux.timeOffsets", Map.of("boottime", Map.of("secs", 5, "nanosecs", 6)))
                .set("linux.rootfsPropagation", "rslave")
                .set("linux.personality", Map.of("domain", "LINUX"))
                .set(
                        "linux.resources.memory",
                        Map.of("limit", 67108864, "swap", 67108864, "swappiness", 0))
                .set(
                        "linux.resources.cpu",
                        Map.of(
                                "shares", 512, "quota", 10000, "period", 20000, "cpus", "0", "mems",
                                "0"))
                .set("linux.resources.pids", Map.of("limit", 100))
                .set(
                        "linux.resources.blockIO",
                        Map.of(
                                "weight",
                                500,
                                "throttleReadBpsDevice",
                                List.of(Map.of("major", 8, "minor", 0, "rate", 1048576))))
                .set(
                        "linux.resources.hugepageLimits",
                        List.of(Map.of("pageSize", "2MB", "limit", 4194304)))
                .set("linux.resources.unified", Map.of("memory.high", "max"))
                .set(
                        "linux.devices",
                        List.of(
                                Map.of(
                                        "path",
                                        "/dev/fuse",
                                        "type",
                                        "c",
                                        "major",
                                        10,
                                        "minor",
                                        229,
                                        "fileMode",
                                        438,
                                        "uid",
                                        0,
                                        "gid",
                                        0)))
                .set(
                        "linux.seccomp",
                        Map.of(
                                "defaultAction", "SCMP_ACT_ERRNO",
                                "defaultErrnoRet", 1,
                                "architectures", List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86"),
                                "flags", List.of("SECCOMP_FILTER_FLAG_LOG"),
                                "syscalls",
                                        List.of(
                                                Map.of(
                                                        "names",
                                                        List.of(
                                                                "read",
                                                                "write",
                                                                "execve",
                                                                "exit_group"),
                                                        "action",
                                                        "SCMP_ACT_ALLOW"),
                                                Map.of(
                                                        "names",
                                                        List.of("personality"),
                                                        "action",
                                                        "SCMP_ACT_ALLOW",
                                                        "args",
                                                        List.of(
                                                                Map.of(
                                                                        "index",
                                                                        0,
                                                                        "value",
                                                                        8,
                                                                        "op",
                                                                        "SCMP_CMP_EQ"))))))
                .set(
                        "hooks",
                        Map.of(
                                "prestart",
                                        List.of(
                                                Map.of(
                                                        "path",
                                                        "/bin/true",
                                                        "args",
                                                        List.of("true"),
                                                        "env",
                                                        List.of("A=b"),
                                                        "timeout",
                                                        5)),
                                "poststop", List.of(Map.of("path", "/bin/true"))));
    }

    private static @Nullable Object bundleConfig(Bundle bundle) throws IOException {
        return Json.read(Files.readString(bundle.write().folder().resolve("config.json")));
    }
}
