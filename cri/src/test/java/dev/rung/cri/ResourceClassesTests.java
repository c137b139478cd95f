package dev.rung.cri;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResourceClassesTests {
    @Test
    void shouldRefuseClassesAsContainerdDoesWhereThereAreNone() {
        assertThatThrownBy(() ->
                        ResourceClasses.check(
                                "main",
                                Map.of(),
                                Map.of("blockio.resources.beta.kubernetes.io/pod", "slow")))
                .isInstanceOf(Failure.Unsupported.class)
                .hasMessage(
                        "blockio disabled, refusing to set blockio class of container \"main\" to"
                                + " \"slow\"");
        assertThatThrownBy(() ->
                        ResourceClasses.check(
                                "main",
                                Map.of("io.kubernetes.cri.rdt-class", "gold"),
                                Map.of("rdt.resources.beta.kubernetes.io/pod", "")))
                .hasMessage(
                        "RDT disabled, refusing to set RDT class of container \"main\" to"
                                + " \"gold\"");
    }

    @Test
    void shouldTakeAContainersOwnWordBeforeThePods() {
        var pod =
                Map.of(
                        "rdt.resources.beta.kubernetes.io/container.main", "",
                        "rdt.resources.beta.kubernetes.io/pod", "gold");

        assertThatCode(() -> ResourceClasses.check("main", Map.of(), pod))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> ResourceClasses.check("other", Map.of(), pod))
                .hasMessageContaining("RDT class of container \"other\"");
    }
}
