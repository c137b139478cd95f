package dev.rung.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.HostOptions;
import dev.rung.nri.v1alpha1.ContainerAdjustment;
import dev.rung.nri.v1alpha1.IOPrioClass;
import dev.rung.nri.v1alpha1.KeyValue;
import dev.rung.nri.v1alpha1.LinuxCPU;
import dev.rung.nri.v1alpha1.LinuxContainerAdjustment;
import dev.rung.nri.v1alpha1.LinuxIOPriority;
import dev.rung.nri.v1alpha1.LinuxMemoryPolicy;
import dev.rung.nri.v1alpha1.LinuxNamespace;
import dev.rung.nri.v1alpha1.LinuxNetDevice;
import dev.rung.nri.v1alpha1.LinuxPids;
import dev.rung.nri.v1alpha1.LinuxRdt;
import dev.rung.nri.v1alpha1.LinuxResources;
import dev.rung.nri.v1alpha1.LinuxScheduler;
import dev.rung.nri.v1alpha1.LinuxSchedulerPolicy;
import dev.rung.nri.v1alpha1.Mount;
import dev.rung.nri.v1alpha1.MpolMode;
import dev.rung.nri.v1alpha1.OptionalInt;
import dev.rung.nri.v1alpha1.OptionalString;
import dev.rung.nri.v1alpha1.OptionalUInt64;
import dev.rung.nri.v1alpha1.POSIXRlimit;
import dev.rung.oci.json.JsonFields;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdjustmentWordsTests {
    private static final ContainerRecord RECORD =
            new ContainerRecord(
                    new ContainerId("one"),
                    new ContainerName("one"),
                    Instant.EPOCH,
                    ContainerConfig.read(
                            JsonFields.read(
                                    "config",
                                    "{\"Env\":[\"A=1\"],\"Cmd\":[\"x\"]}"
                                            .getBytes(StandardCharsets.US_ASCII))),
                    HostOptions.DEFAULT,
                    "",
                    List.of(),
                    List.of(),
                    null,
                    false,
                    0,
                    "");

    private static ContainerRecord over(ContainerAdjustment.Builder asked) {
        return new AdjustmentWords(asked.build()).over(RECORD);
    }

    private static String patch(LinuxContainerAdjustment.Builder linux) {
        return over(ContainerAdjustment.newBuilder().setLinux(linux)).host().cri().patch();
    }

    @Test
    void shouldChangeNothingWhereNothingIsAsked() {
        assertThat(over(ContainerAdjustment.newBuilder())).isEqualTo(RECORD);
    }

    @Test
    void shouldPutWhatTheEngineHasWordsForIntoThem() {
        ContainerRecord record =
                over(
                        ContainerAdjustment.newBuilder()
                                .addArgs("y")
                                .addArgs("z")
                                .addEnv(KeyValue.newBuilder().setKey("B").setValue("2"))
                                .addEnv(KeyValue.newBuilder().setKey("-A"))
                                .putAnnotations("n", "v")
                                .setLinux(
                                        LinuxContainerAdjustment.newBuilder()
                                                .putSysctl("net.core.somaxconn", "9")
                                                .setOomScoreAdj(
                                                        OptionalInt.newBuilder().setValue(5000))
                                                .setResources(
                                                        LinuxResources.newBuilder()
                                                                .setPids(
                                                                        LinuxPids.newBuilder()
                                                                                .setLimit(7))
                                                                .putUnified("memory.high", "1")
                                                                .setCpu(
                                                                        LinuxCPU.newBuilder()
                                                                                .setCpus("0")
                                                                                .setShares(
                                                                                        OptionalUInt64
                                                                                                .newBuilder()
                                                                                                .setValue(
                                                                                                        3))))));

        assertThat(record.config().argv()).containsExactly("y", "z");
        assertThat(record.config().env()).containsExactly("A=1", "B=2", "A");
        assertThat(record.host().annotations()).containsEntry("n", "v");
        assertThat(record.host().sysctls()).containsEntry("net.core.somaxconn", "9");
        assertThat(record.host().oomScoreAdj()).isEqualTo(1000);
        assertThat(record.host().limits().pids()).isEqualTo(7);
        assertThat(record.host().limits().cpusetCpus()).isEqualTo("0");
        assertThat(record.host().limits().cpuShares()).isEqualTo(3);
        assertThat(record.host().cri().unified()).containsEntry("memory.high", "1");
        assertThat(record.host().cri().patch()).isEmpty();
    }

    @Test
    void shouldPutOtherThingsIntoChangesOfTheConfig() {
        assertThat(
                        patch(
                                LinuxContainerAdjustment.newBuilder()
                                        .setIoPriority(
                                                LinuxIOPriority.newBuilder()
                                                        .setClass_(IOPrioClass.IOPRIO_CLASS_BE)
                                                        .setPriority(4))
                                        .setScheduler(
                                                LinuxScheduler.newBuilder()
                                                        .setPolicy(LinuxSchedulerPolicy.SCHED_BATCH)
                                                        .setNice(3))
                                        .addNamespaces(LinuxNamespace.newBuilder().setType("-uts"))
                                        .addNamespaces(
                                                LinuxNamespace.newBuilder()
                                                        .setType("ipc")
                                                        .setPath("/p"))
                                        .putNetDevices(
                                                "eth7",
                                                LinuxNetDevice.newBuilder().setName("in").build())
                                        .setRdt(
                                                LinuxRdt.newBuilder()
                                                        .setClosId(
                                                                OptionalString.newBuilder()
                                                                        .setValue("gold")))
                                        .setMemoryPolicy(
                                                LinuxMemoryPolicy.newBuilder()
                                                        .setMode(MpolMode.MPOL_BIND)
                                                        .setNodes("0"))
                                        .setCgroupsPath("/elsewhere")))
                .isEqualTo(
                        "{\"process\":{\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":4},"
                                + "\"scheduler\":{\"policy\":\"SCHED_BATCH\",\"nice\":3,\"priority\":0}},"
                                + "\"linux\":{\"cgroupsPath\":\"/elsewhere\","
                                + "\"namespaces\":[{\"type\":\"uts\",\"remove\":true},"
                                + "{\"type\":\"ipc\",\"path\":\"/p\"}],"
                                + "\"netDevices\":{\"eth7\":{\"name\":\"in\"}},"
                                + "\"intelRdt\":{\"closID\":\"gold\"},"
                                + "\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0\"}}}");
    }

    @Test
    void shouldKnowLimitsWithoutASign() {
        assertThat(
                        over(ContainerAdjustment.newBuilder()
                                        .addRlimits(
                                                POSIXRlimit.newBuilder()
                                                        .setType("RLIMIT_CORE")
                                                        .setHard(-1)
                                                        .setSoft(0)))
                                .host()
                                .cri()
                                .patch())
                .contains("\"hard\":18446744073709551615,\"soft\":0");
    }

    @Test
    void shouldHaveTheRootPassMountsOn() {
        assertThat(
                        over(ContainerAdjustment.newBuilder()
                                        .addMounts(
                                                Mount.newBuilder()
                                                        .setDestination("/a")
                                                        .addOptions("rslave")))
                                .host()
                                .cri()
                                .patch())
                .contains("\"rootfsPropagation\":\"rslave\"");
    }

    @Test
    void shouldRefuseWhatNobodyHas() {
        var classes =
                LinuxContainerAdjustment.newBuilder()
                        .setResources(
                                LinuxResources.newBuilder()
                                        .setBlockioClass(
                                                OptionalString.newBuilder().setValue("slow")));

        assertThatThrownBy(() -> patch(classes)).isInstanceOf(Failure.Unsupported.class);
        assertThatThrownBy(() ->
                        over(
                                ContainerAdjustment.newBuilder()
                                        .addMounts(Mount.newBuilder().setDestination("relative"))))
                .isInstanceOf(Failure.Invalid.class);
    }
}
