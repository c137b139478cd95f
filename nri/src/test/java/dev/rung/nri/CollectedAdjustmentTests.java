package dev.rung.nri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.nri.v1alpha1.Container;
import dev.rung.nri.v1alpha1.ContainerAdjustment;
import dev.rung.nri.v1alpha1.ContainerUpdate;
import dev.rung.nri.v1alpha1.Hook;
import dev.rung.nri.v1alpha1.Hooks;
import dev.rung.nri.v1alpha1.KeyValue;
import dev.rung.nri.v1alpha1.LinuxCPU;
import dev.rung.nri.v1alpha1.LinuxContainerAdjustment;
import dev.rung.nri.v1alpha1.LinuxContainerUpdate;
import dev.rung.nri.v1alpha1.LinuxResources;
import dev.rung.nri.v1alpha1.Mount;
import dev.rung.nri.v1alpha1.OptionalUInt64;
import java.util.List;
import org.junit.jupiter.api.Test;

class CollectedAdjustmentTests {
    private final CollectedAdjustment collected =
            new CollectedAdjustment(
                    new Ownership(),
                    Container.newBuilder()
                            .setId("one")
                            .addArgs("sleep")
                            .addEnv("A=1")
                            .addEnv("B=2")
                            .putAnnotations("own", "x")
                            .addMounts(Mount.newBuilder().setDestination("/data"))
                            .build());

    private static Mount mount(String destination) {
        return Mount.newBuilder().setDestination(destination).build();
    }

    private static KeyValue variable(String key, String value) {
        return KeyValue.newBuilder().setKey(key).setValue(value).build();
    }

    @Test
    void shouldTakeAwayWhatIsMarked() {
        collected.add(
                ContainerAdjustment.newBuilder()
                        .putAnnotations("-own", "")
                        .addMounts(mount("-/data"))
                        .addEnv(variable("-A", ""))
                        .build(),
                "00-a");

        assertThat(collected.container().getAnnotationsMap()).isEmpty();
        assertThat(collected.container().getMountsList()).isEmpty();
        assertThat(collected.container().getEnvList()).containsExactly("B=2");
        assertThat(collected.all().getAnnotationsMap()).containsOnlyKeys("-own");
        assertThat(collected.all().getMountsList()).containsExactly(mount("-/data"));
        assertThat(collected.all().getEnvList()).containsExactly(variable("-A", ""));
    }

    @Test
    void shouldLetAPluginReplaceWhatItHasTakenFromAnother() {
        collected.add(ContainerAdjustment.newBuilder().addMounts(mount("/data")).build(), "00-a");
        collected.add(
                ContainerAdjustment.newBuilder()
                        .addMounts(mount("-/data"))
                        .addMounts(mount("/data"))
                        .build(),
                "10-b");

        assertThat(collected.all().getMountsList())
                .containsExactly(mount("-/data"), mount("/data"));
        assertThatThrownBy(() ->
                        collected.add(
                                ContainerAdjustment.newBuilder().addMounts(mount("/data")).build(),
                                "20-c"))
                .isInstanceOf(Failure.WrongState.class)
                .hasMessageContaining("both tried to set Mounts /data");
    }

    @Test
    void shouldReplaceArgumentsOfAnotherOnlyWhenTakenAway() {
        collected.add(ContainerAdjustment.newBuilder().addArgs("a").build(), "00-a");
        assertThatThrownBy(() ->
                        collected.add(
                                ContainerAdjustment.newBuilder().addArgs("b").build(), "10-b"))
                .isInstanceOf(Failure.WrongState.class);

        collected.add(ContainerAdjustment.newBuilder().addArgs("").addArgs("c").build(), "20-c");

        assertThat(collected.all().getArgsList()).containsExactly("c");
        assertThat(collected.container().getArgsList()).containsExactly("c");
    }

    @Test
    void shouldAddHooksOfAll() {
        for (String path : List.of("/a", "/b")) {
            collected.add(
                    ContainerAdjustment.newBuilder()
                            .setHooks(
                                    Hooks.newBuilder().addPoststop(Hook.newBuilder().setPath(path)))
                            .build(),
                    path.substring(1));
        }

        assertThat(collected.all().getHooks().getPoststopList())
                .extracting(Hook::getPath)
                .containsExactly("/a", "/b");
    }

    private static LinuxResources shares(long shares) {
        return LinuxResources.newBuilder()
                .setCpu(
                        LinuxCPU.newBuilder()
                                .setShares(OptionalUInt64.newBuilder().setValue(shares)))
                .build();
    }

    @Test
    void shouldMergeResources() {
        collected.add(
                ContainerAdjustment.newBuilder()
                        .setLinux(LinuxContainerAdjustment.newBuilder().setResources(shares(7)))
                        .build(),
                "00-a");
        collected.add(
                ContainerAdjustment.newBuilder()
                        .setLinux(
                                LinuxContainerAdjustment.newBuilder()
                                        .setResources(
                                                LinuxResources.newBuilder()
                                                        .setCpu(
                                                                LinuxCPU.newBuilder()
                                                                        .setCpus("0"))))
                        .build(),
                "10-b");

        LinuxCPU cpu = collected.all().getLinux().getResources().getCpu();
        assertThat(cpu.getShares().getValue()).isEqualTo(7);
        assertThat(cpu.getCpus()).isEqualTo("0");
        assertThat(collected.container().getLinux().getResources().getCpu()).isEqualTo(cpu);
    }

    @Test
    void shouldLetUpdatesFailThatMay() {
        var updates = new CollectedUpdates(new Ownership());
        var update =
                ContainerUpdate.newBuilder()
                        .setContainerId("two")
                        .setLinux(LinuxContainerUpdate.newBuilder().setResources(shares(3)))
                        .build();
        updates.add(List.of(update), "00-a");
        var other =
                update.toBuilder()
                        .setLinux(LinuxContainerUpdate.newBuilder().setResources(shares(4)));

        assertThatThrownBy(() -> updates.add(List.of(other.build()), "10-b"))
                .isInstanceOf(Failure.WrongState.class)
                .hasMessageContaining("both tried to set CPUShares");
        updates.add(List.of(other.setIgnoreFailure(true).build()), "10-b");
        assertThat(updates.of("two").getCpu().getShares().getValue()).isEqualTo(3);
    }
}
