package dev.rung.host.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.domain.ContainerId;
import dev.rung.host.cgroup.ContainerCgroups;
import dev.rung.host.compile.CheckpointRequest.Kind;
import dev.rung.host.compile.CheckpointRequest.OutsideMount;
import dev.rung.host.compile.CheckpointRequest.OutsideNamespace;
import dev.rung.host.compile.ContainerRequest.Act;
import dev.rung.host.criu.CriuOptions;
import dev.rung.host.criu.CriuOptions.CgroupMode;
import dev.rung.host.criu.CriuOptions.Choice;
import dev.rung.isolation.HostDescription;
import dev.rung.oci.RuntimeConfig;
import dev.rung.oci.json.JsonFields;
import dev.rung.program.Machine;
import dev.rung.program.Program;
import dev.rung.program.Secrets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whole programs, step by step as {@code explain} prints them, but for what changes with every
 * change: numbers of steps and places of data. {@code ./dev golden} writes them anew; the diff then
 * shows what became different for whom.
 */
class GoldenProgramTests {
    private static final Path FOLDER = Path.of("src/test/golden");
    private static final boolean WRITES = Boolean.getBoolean("rung.golden");
    private static final CriuCommand CRIU = new CriuCommand("criu", "/usr/sbin:/sbin", 2);

    @ParameterizedTest
    @CsvSource({
        "spec, LEGACY",
        "spec, UNIFIED",
        "least, UNIFIED",
        "docker, LEGACY",
        "docker, UNIFIED",
        "rootless, ROOTLESS",
        "mapped, UNIFIED",
        "joined, UNIFIED",
        "hooks, UNIFIED",
        "mounts, UNIFIED",
        "everything, UNIFIED",
        "rdt, RDT",
        "rdt-shared, RDT",
        "resources, LEGACY",
        "resources, UNIFIED",
        "hugepages, HYBRID",
    })
    void shouldMake(String config, Hosts host) throws Exception {
        expect(config + "-" + host, create(config, host.description(), Act.CREATE));
    }

    @Test
    void shouldMakeTheSameOnArm64() throws Exception {
        expect("spec-unified", create("spec", Hosts.ARM.description(), Act.CREATE));
    }

    @Test
    void shouldMakeAndStart() throws Exception {
        expect("spec-run", create("spec", Hosts.UNIFIED.description(), Act.RUN));
    }

    @ParameterizedTest
    @CsvSource({"docker, LEGACY", "docker, UNIFIED", "rootless, ROOTLESS"})
    void shouldEnter(String config, Hosts host) throws Exception {
        expect("exec-" + config + "-" + host, exec(config, host.description()));
    }

    @Test
    void shouldCheckpoint() throws Exception {
        var wanted =
                new CheckpointRequest(
                        CRIU,
                        options(),
                        "/images",
                        "/work",
                        5,
                        77,
                        12345,
                        "/bundle/rootfs",
                        "/sys/fs/cgroup/freezer/ID",
                        List.of(new OutsideMount("/data", "/data")),
                        List.of(new OutsideNamespace(Kind.NETWORK, 4026531840L)),
                        "[]".getBytes(StandardCharsets.US_ASCII));

        expect("checkpoint", CheckpointProgram.compile(wanted, Machine.X86_64));
    }

    @ParameterizedTest
    @CsvSource({"spec, LEGACY", "hooks, UNIFIED", "joined, UNIFIED", "mounts, LEGACY"})
    void shouldRestore(String config, Hosts host) throws Exception {
        RuntimeConfig read = read(config);
        HostDescription description = host.description();
        var wanted =
                new RestoreRequest(
                        CRIU,
                        options(),
                        "/images",
                        null,
                        List.of(new OutsideMount("/data", "/srv")),
                        List.of("pipe:[1]", "pipe:[2]", "/dev/null"));

        Compiled compiled =
                RestoreProgram.compile(
                        read, description, request(read, description, Act.RUN), wanted);

        expect("restore-" + config + "-" + host, compiled);
    }

    private static CriuOptions options() {
        return new CriuOptions(
                EnumSet.complementOf(EnumSet.of(Choice.PRE_DUMP)),
                CgroupMode.SOFT,
                null,
                "",
                "",
                "",
                "");
    }

    /** By a descriptor of a folder of the host, whoever may trace the process inside gets out. */
    @ParameterizedTest
    @CsvSource({"docker, LEGACY", "docker, UNIFIED", "rootless, ROOTLESS"})
    void shouldEnterWithoutDescriptorsOfTheHost(String config, Hosts host) throws Exception {
        String listing = listing(exec(config, host.description()));
        String beforeFork = listing.substring(0, listing.indexOf("fork("));
        String middle = listing.substring(listing.indexOf("stream 1"));
        String beforeEntry = middle.substring(0, middle.indexOf("setns("));

        List<String> opened =
                Pattern.compile("openat2?\\(.*\\) = (\\w+)")
                        .matcher(beforeFork)
                        .results()
                        .map(found -> "close(" + found.group(1) + ")")
                        .filter(closed -> !beforeFork.contains(closed))
                        .toList();

        assertThat(opened)
                .isNotEmpty()
                .allSatisfy(closed -> assertThat(beforeEntry).contains(closed));
    }

    @Test
    void shouldRecordWhatIsAboutToBeMade() throws Exception {
        RuntimeConfig config = read("rdt");
        HostDescription host = Hosts.RDT.description();
        var record =
                StateRecord.own(ContainerPlan.of(config, host, request(config, host, Act.CREATE)));

        JsonFields fields = JsonFields.read("state.json", record.bytes());

        assertThat(fields.integer("pid", 0, 0)).isZero();
        JsonFields resctrl = fields.object("resctrl");
        assertThat(resctrl.text("group")).isEqualTo("/sys/fs/resctrl/ID");
        assertThat(resctrl.text("monitoring")).isEqualTo("/sys/fs/resctrl/ID/mon_groups/ID");
        assertThat(resctrl.integer("own", 0, 1)).isEqualTo(1);
        assertThat((char) record.bytes()[record.ownAt()]).isEqualTo('1');
    }

    private static Compiled create(String config, HostDescription host, Act act)
            throws IOException {
        RuntimeConfig read = read(config);
        return ContainerProgram.compile(read, host, request(read, host, act));
    }

    private static Compiled exec(String config, HostDescription description) throws IOException {
        RuntimeConfig read = read(config);
        var id = new ContainerId("ID");
        var request =
                new ExecRequest(
                        id,
                        77,
                        12345,
                        "/bundle",
                        read.process(),
                        terminal(read),
                        0,
                        null,
                        null,
                        0,
                        0,
                        false,
                        null,
                        "/root");
        ContainerCgroups cgroups =
                ContainerCgroups.of(description.cgroups(), read.linux().cgroupsPath(), id, false);
        return ExecProgram.compile(read, description, request, cgroups);
    }

    private static ContainerRequest request(RuntimeConfig read, HostDescription host, Act act) {
        return new ContainerRequest(
                new ContainerId("ID"),
                act,
                "/run/rung-oci",
                "/bundle",
                new byte[] {'{', '}'},
                "2026-01-02T03:04:05Z",
                "somebody",
                act == Act.CREATE ? terminal(read) : null,
                0,
                null,
                null,
                null,
                0,
                0,
                0,
                false,
                false,
                false,
                host.caller().uid() != 0,
                null,
                "/root",
                null,
                null);
    }

    private static @Nullable String terminal(RuntimeConfig config) {
        return config.process().terminal() ? "/run/console.sock" : null;
    }

    private static RuntimeConfig read(String name) throws IOException {
        Path file = FOLDER.resolve(name + ".json");
        return RuntimeConfig.read(file.toString(), Files.readAllBytes(file));
    }

    private static void expect(String name, Compiled compiled) throws IOException {
        Path file = FOLDER.resolve(name + ".program");
        String listing = listing(compiled);
        if (WRITES) {
            Files.writeString(file, listing);
        }
        assertThat(listing)
                .as("%s, which ./dev golden writes", file)
                .isEqualTo(Files.readString(file));
    }

    private static String listing(Compiled compiled) {
        var listing = new StringBuilder();
        for (String warning : compiled.warnings()) {
            listing.append("warning: ").append(warning).append('\n');
        }
        int stream = -1;
        for (Program.Entry entry : compiled.program().entries(Secrets.HIDDEN)) {
            if (entry.stream() != stream) {
                stream = entry.stream();
                listing.append("stream ").append(stream).append('\n');
            }
            String line =
                    entry.line()
                            .replaceAll("data\\+0x[0-9a-f]+", "data")
                            .replaceAll("f{64,}", "f..."); // all processors
            listing.append("    ").append(line);
            if (!entry.key().isEmpty()) {
                listing.append("  # ").append(entry.key());
            }
            listing.append('\n');
        }
        return listing.toString();
    }
}
