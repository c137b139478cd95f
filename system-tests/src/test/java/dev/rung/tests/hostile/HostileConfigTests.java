package dev.rung.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/**
 * Configs that are wrong or hostile: each is refused in one clear line with runc's exit status, or
 * runs as it should, and leaves nothing behind.
 */
@SystemTest
class HostileConfigTests {
    private static final Duration SOON = Duration.ofSeconds(20);

    /** What no runtime may run. */
    private static final Map<String, Object> WRONG_VALUES = wrongValues();

    private static Map<String, Object> wrongValues() {
        var wrong = new LinkedHashMap<String, Object>();
        wrong.put("process", "text");
        wrong.put("process.args", "text");
        wrong.put("process.args[0]", 1);
        wrong.put("process.env", Map.of());
        wrong.put("process.env[0]", List.of());
        wrong.put("process.cwd", "tmp");
        wrong.put("process.user", List.of());
        wrong.put("process.user.uid", "0");
        wrong.put("process.user.gid", -1);
        wrong.put("process.terminal", "yes");
        wrong.put("process.rlimits[0].type", "RLIMIT_NOTHING");
        wrong.put("process.rlimits[0].hard", "1024");
        wrong.put("process.rlimits[0].soft", -1);
        wrong.put("process.rlimits[0]", List.of());
        wrong.put("process.capabilities", List.of("CAP_KILL"));
        wrong.put("process.capabilities.bounding", "CAP_KILL");
        wrong.put("process.noNewPrivileges", 1);
        wrong.put("root", "rootfs");
        wrong.put("root.path", 5);
        wrong.put("root.readonly", "true");
        wrong.put("hostname", 5);
        wrong.put("mounts", Map.of());
        wrong.put("mounts[0]", "text");
        wrong.put("mounts[0].destination", 7);
        wrong.put("mounts[0].options", "ro");
        wrong.put("mounts[0].type", "nosuchfilesystem");
        wrong.put("linux", List.of());
        wrong.put("linux.namespaces", Map.of());
        wrong.put("linux.namespaces[0]", "pid");
        wrong.put("linux.namespaces[0].type", "nosuchnamespace");
        wrong.put("linux.namespaces[0].path", "/nonexistent");
        wrong.put("linux.namespaces[1].path", "/proc/self/ns/uts");
        wrong.put("linux.resources", List.of());
        wrong.put("linux.resources.memory", 5);
        wrong.put("linux.resources.pids", List.of());
        wrong.put("linux.resources.devices", Map.of());
        wrong.put("linux.seccomp", "text");
        wrong.put("linux.seccomp.defaultAction", "SCMP_ACT_NOTHING");
        wrong.put("linux.sysctl", List.of());
        wrong.put("linux.sysctl.kernel", "x");
        wrong.put("linux.maskedPaths", "/proc");
        wrong.put("linux.uidMappings", "text");
        wrong.put("linux.uidMappings[0]", "text");
        wrong.put("linux.rootfsPropagation", "sideways");
        wrong.put("linux.devices", Map.of());
        wrong.put("hooks", "text");
        wrong.put("annotations", List.of());
        wrong.put("annotations.key", 5);
        return wrong;
    }

    @Test
    void shouldRefuseWrongValues(Sandbox sandbox) {
        var soft = new SoftAssertions();
        Bundle bundle = sandbox.bundle();
        WRONG_VALUES.forEach((key, value) -> {
            Map<String, ?> whole = Json.readObject(Json.write(Json.read(configOf(bundle))));
            set(bundle, key, value);
            expectRefused(soft, sandbox, bundle, key + " = " + value);
            restore(bundle, whole);
        });
        soft.assertAll();
        sandbox.expectNothingLeft();
    }

    @Test
    void shouldRefuseWhatIsMissing(Sandbox sandbox) {
        var soft = new SoftAssertions();
        Bundle bundle = sandbox.bundle();
        for (String key :
                new String[] {"process", "process.args", "process.cwd", "root", "root.path"}) {
            Map<String, ?> whole = Json.readObject(configOf(bundle));
            bundle.remove(key);
            expectRefused(soft, sandbox, bundle, "no " + key);
            bundle.set(key, null);
            expectRefused(soft, sandbox, bundle, key + " = null");
            restore(bundle, whole);
        }
        bundle.set("process.args", List.of());
        expectRefused(soft, sandbox, bundle, "no arguments");
        soft.assertAll();
        sandbox.expectNothingLeft();
    }

    @Test
    void shouldRefuseWhatIsNoConfig(Sandbox sandbox) throws IOException {
        var soft = new SoftAssertions();
        Bundle bundle = sandbox.bundle();
        String good = configOf(bundle);
        var texts =
                new ArrayList<>(
                        List.of(
                                "",
                                " ",
                                "{",
                                "[]",
                                "5",
                                "\"text\"",
                                "{} {",
                                "{,}",
                                "nul",
                                "{\"process\":"));
        texts.add(good.substring(0, good.length() / 2));
        texts.add(good.substring(1));
        texts.add("[".repeat(100_000));
        texts.add("{\"a\":".repeat(20_000));
        texts.add("\0" + good);
        texts.add("\u001f" + good);
        for (String text : texts) {
            expectRefusedAsWritten(soft, sandbox, bundle.write(text), shown(text));
        }
        Files.write(
                bundle.folder().resolve("config.json"),
                new byte[] {(byte) 0xff, (byte) 0xfe, '{', 0});
        expectRefusedAsWritten(soft, sandbox, bundle, "UTF-16");
        soft.assertAll();
        sandbox.expectNothingLeft();
    }

    @Test
    void shouldRefuseAConfigThatIsNoFile(Sandbox sandbox) throws IOException {
        var soft = new SoftAssertions();
        Bundle bundle = sandbox.bundle();
        Path config = bundle.folder().resolve("config.json");
        expectRefusedAsWritten(soft, sandbox, bundle, "no config.json");
        Files.createDirectory(config);
        expectRefusedAsWritten(soft, sandbox, bundle, "a folder");
        Files.delete(config);
        for (String target :
                new String[] {
                    "/nonexistent", "config.json", "/dev/null", "/dev/zero", "/proc/self/mem"
                }) {
            Files.createSymbolicLink(config, Path.of(target));
            expectRefusedAsWritten(soft, sandbox, bundle, "a link to " + target);
            Files.delete(config);
        }
        if (sandbox.runtime().isRung()) { // others wait for somebody to write
            Command.of("mkfifo", config.toString()).succeed();
            expectRefusedAsWritten(soft, sandbox, bundle, "a fifo");
        }
        soft.assertAll();
        sandbox.expectNothingLeft();
    }

    /**
     * Nesting at an unknown key, which the spec says to ignore, at a known one, and of the whole.
     */
    @Test
    void shouldRefuseOrSurviveDepth(Sandbox sandbox) {
        var soft = new SoftAssertions();
        Bundle bundle = sandbox.bundle().act("exit", "0");
        String good = configOf(bundle);
        for (int depth : new int[] {100, 1000, 9_990, 10_000, 10_001, 200_000}) {
            for (String[] brackets : new String[][] {{"[", "]"}, {"{\"a\":", "}"}}) {
                String inner = brackets[0].equals("[") ? "" : "1";
                String deep = brackets[0].repeat(depth) + inner + brackets[1].repeat(depth);
                for (String key : new String[] {"unknown", "annotations", "process"}) {
                    bundle.write("{\"" + key + "\":" + deep + "," + good.substring(1));
                    expectRefusedOrRun(soft, sandbox, bundle, key + " of depth " + depth);
                }
            }
        }
        soft.assertAll();
        sandbox.expectNothingLeft();
    }

    @Test
    void shouldRefuseOrSurviveSize(Sandbox sandbox) {
        var soft = new SoftAssertions();
        Bundle bundle = sandbox.bundle().act("exit", "0");
        String good = configOf(bundle);
        int mebibyte = 1 << 20;
        for (int size :
                new int[] {
                    mebibyte,
                    8 * mebibyte - good.length() - 20,
                    8 * mebibyte,
                    9 * mebibyte,
                    64 * mebibyte
                }) {
            bundle.write(" ".repeat(size) + good);
            expectRefusedOrRun(soft, sandbox, bundle, size + " blanks");
            bundle.write("{\"unknown\":\"" + "x".repeat(size) + "\"," + good.substring(1));
            expectRefusedOrRun(soft, sandbox, bundle, "unknown text of " + size);
        }
        bundle.write("{\"unknown\":[" + "1,".repeat(2 * mebibyte) + "1]," + good.substring(1));
        expectRefusedOrRun(soft, sandbox, bundle, "unknown numbers");
        bundle.write(
                "{\"annotations\":{"
                        + "\"a\":\"b\",".repeat(mebibyte / 2)
                        + "\"a\":\"c\"},"
                        + good.substring(1));
        expectRefusedOrRun(soft, sandbox, bundle, "annotations again and again");
        soft.assertAll();
        sandbox.expectNothingLeft();
    }

    @Test
    void shouldKeepQuietAboutUnknownKeys(Sandbox sandbox) {
        Bundle bundle = sandbox.bundle().act("exit", "0");
        for (String key :
                new String[] {
                    "unknown",
                    "process.unknown",
                    "linux.unknown",
                    "mounts[0].unknown",
                    "linux.resources.unknown"
                }) {
            bundle.set(key, Map.of("a", List.of(1, "b", Map.of())));
        }

        Outcome outcome = sandbox.run(bundle).succeeded();

        assertThat(outcome.errors()).isEmpty();
    }

    @Test
    void shouldRefuseARootThatIsNone(Sandbox sandbox) throws IOException {
        var soft = new SoftAssertions();
        Bundle bundle = sandbox.bundle();
        Files.createSymbolicLink(bundle.folder().resolve("link"), bundle.rootfs());
        Files.createSymbolicLink(bundle.folder().resolve("loop"), Path.of("loop"));
        Files.writeString(bundle.folder().resolve("file"), "");
        for (String path :
                new String[] {
                    "nonexistent",
                    "link",
                    "loop",
                    "file",
                    "",
                    "rootfs/observer",
                    "rootfs/bin/sh",
                    "link/..",
                    "/nonexistent/rootfs"
                }) {
            bundle.set("root.path", path);
            expectRefused(soft, sandbox, bundle, "root.path = " + path);
        }
        soft.assertAll();
        sandbox.expectNothingLeft();
    }

    @Test
    void shouldRefuseNamespacesThatContradictEachOther(Sandbox sandbox) {
        var soft = new SoftAssertions();
        for (String type : new String[] {"pid", "network", "mount", "ipc", "uts", "cgroup"}) {
            Bundle bundle = sandbox.bundle().add("linux.namespaces", Map.of("type", type));
            expectRefused(soft, sandbox, bundle, "two of " + type);
        }
        Map<String, Long> mapping = Map.of("containerID", 0L, "hostID", 0L, "size", 1L);
        Bundle mapped = sandbox.bundle().set("linux.uidMappings", List.of(mapping));
        expectRefusedOrRun(soft, sandbox, mapped.write(), "a mapping and no user namespace");
        Bundle named = sandbox.bundle().withoutNamespace("uts");
        expectRefused(soft, sandbox, named, "a hostname and no UTS namespace");
        soft.assertAll();
        sandbox.expectNothingLeft();
    }

    @Test
    void shouldStayInTheRootWithPathsThatLeadUp(Sandbox sandbox) throws IOException {
        Path outside = Files.createDirectory(sandbox.folder().resolve("outside"));
        String up = "/../../../../../../../../..";
        Bundle bundle =
                sandbox.bundle()
                        .set("root.readonly", false)
                        .mount(up + outside + "/one", "tmpfs", "tmpfs")
                        .mount("/tmp/../.." + up + outside + "/two", "tmpfs", "tmpfs")
                        .bind(bundleFile(sandbox), up + outside + "/three")
                        .set("process.cwd", up + outside + "/four")
                        .set("linux.maskedPaths", List.of(up + "/proc/keys", up + outside))
                        .set("linux.readonlyPaths", List.of(up + "/proc/sys", up + outside))
                        .act("see", "cwd");
        var soft = new SoftAssertions();

        expectRefusedOrRun(soft, sandbox, bundle.write(), "paths that lead up");

        soft.assertAll();
        assertThat(outside).isEmptyDirectory();
    }

    private static Path bundleFile(Sandbox sandbox) throws IOException {
        return Files.writeString(sandbox.folder().resolve("file"), "given\n");
    }

    /** Names that C, terminals or logs might cut or take for more than one. */
    @Test
    void shouldRefuseOrCarryStrangeNames(Sandbox sandbox) {
        var soft = new SoftAssertions();
        String[] keys = {
            "process.args[3]",
            "process.env[0]",
            "process.cwd",
            "hostname",
            "domainname",
            "mounts[0].destination",
            "mounts[0].source",
            "mounts[0].type",
            "mounts[0].options[0]",
            "linux.maskedPaths[0]",
            "linux.readonlyPaths[0]",
            "linux.cgroupsPath",
            "linux.namespaces[1].path",
            "root.path",
            "ociVersion",
            "annotations.key",
        };
        String[] names = {
            "/a\\u0000b",
            "/a\\nb",
            "/a\\u001b[31mb",
            "/a\\ud800b",
            "/\\u0000",
            "/é\\u202e",
            "\\n",
            "%s%n%p",
            "/a'\\\"b $(id)"
        };
        for (String key : keys) {
            for (String name : names) {
                Bundle bundle = sandbox.bundle().act("exit", "0").add("process.args", "x");
                bundle.set("mounts[0].options", List.of("nosuid")).set(key, "@NAME@");
                String text = configOf(bundle).replace("@NAME@", name);
                expectRefusedOrRun(soft, sandbox, bundle.write(text), key + " = " + name);
            }
            // Bytes that are no UTF-8, which no escape can say.
            Bundle bundle = sandbox.bundle().act("exit", "0").add("process.args", "x");
            bundle.set("mounts[0].options", List.of("nosuid")).set(key, "/\u00ff\u00c0x");
            writeBytes(bundle, configOf(bundle).getBytes(StandardCharsets.ISO_8859_1));
            expectRefusedOrRun(soft, sandbox, bundle, key + " with bytes that are no UTF-8");
        }
        soft.assertAll();
        sandbox.expectNothingLeft();
    }

    @Test
    void shouldCutNothingAtANul(Sandbox sandbox) {
        for (String key : new String[] {"process.args[2]", "process.env[0]"}) {
            Bundle bundle = sandbox.bundle().act("see", "argv").add("process.args", "environ");
            bundle.set(key, "A=seen\0hidden");

            sandbox.run(bundle).refused();
        }
    }

    @Test
    void shouldRefuseStrangeIds(Sandbox sandbox) throws IOException {
        Bundle bundle = sandbox.bundle().act("exit", "0").write();
        var soft = new SoftAssertions();
        for (String id :
                new String[] {
                    "", ".", "..", "a/b", "../x", "/", "a b", "a\nb", "é", "a*b", "\u001b[31m"
                }) {
            Outcome outcome =
                    sandbox.runtime()
                            .command("create", "--bundle", bundle.folder().toString(), id)
                            .run();
            expect(soft, "id \"" + id + "\"", outcome, false);
        }
        soft.assertAll();
        assertThat(sandbox.runtime().root().resolveSibling("x")).doesNotExist();
        sandbox.expectNothingLeft();
    }

    private static void expectRefused(
            SoftAssertions soft, Sandbox sandbox, Bundle bundle, String what) {
        expectRefusedAsWritten(soft, sandbox, bundle.write(), what);
    }

    private static void expectRefusedAsWritten(
            SoftAssertions soft, Sandbox sandbox, Bundle bundle, String what) {
        expect(soft, what, runAsWritten(sandbox, bundle), false);
    }

    private static void expectRefusedOrRun(
            SoftAssertions soft, Sandbox sandbox, Bundle bundle, String what) {
        expect(soft, what, runAsWritten(sandbox, bundle), true);
    }

    /** Status 1, as runc's, and one line. */
    private static void expect(SoftAssertions soft, String what, Outcome outcome, boolean mayRun) {
        soft.check(() -> {
            if (outcome.status() == 0 && mayRun) {
                return;
            }
            assertThat(outcome.status()).as("%s: %s", what, shown(outcome)).isEqualTo(1);
            assertThat(outcome).as(what).satisfies((Consumer<Outcome>) Outcome::refused);
        });
    }

    private static Outcome runAsWritten(Sandbox sandbox, Bundle bundle) {
        return sandbox.runtime()
                .command("run", "--bundle", bundle.folder().toString(), sandbox.newId())
                .within(SOON)
                .run();
    }

    private static String shown(Object long_) {
        String text = long_.toString();
        return text.length() < 400 ? text : text.substring(0, 400) + "… (" + text.length() + ")";
    }

    private static String configOf(Bundle bundle) {
        try {
            return Files.readString(bundle.write().folder().resolve("config.json"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void writeBytes(Bundle bundle, byte[] bytes) {
        try {
            Files.write(bundle.folder().resolve("config.json"), bytes);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Sets a key of the bundle; one that lies in a list which is not there yet gets the list. */
    private static void set(Bundle bundle, String key, Object value) {
        if (key.endsWith("Mappings[0]")) {
            bundle.set(key.substring(0, key.length() - 3), List.of(value));
        } else {
            bundle.set(key, value);
        }
    }

    private static void restore(Bundle bundle, Map<String, ?> whole) {
        whole.forEach(bundle::set);
        for (String key : List.of("annotations", "hooks")) {
            if (!whole.containsKey(key)) {
                bundle.remove(key);
            }
        }
    }
}
