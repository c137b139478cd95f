package dev.rung.nri;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.nri.ValidatorSettings.Restriction;
import dev.rung.nri.v1alpha1.Container;
import dev.rung.nri.v1alpha1.ContainerAdjustment;
import dev.rung.nri.v1alpha1.Hook;
import dev.rung.nri.v1alpha1.Hooks;
import dev.rung.nri.v1alpha1.LinuxContainer;
import dev.rung.nri.v1alpha1.LinuxContainerAdjustment;
import dev.rung.nri.v1alpha1.LinuxNamespace;
import dev.rung.nri.v1alpha1.LinuxSeccomp;
import dev.rung.nri.v1alpha1.PluginInstance;
import dev.rung.nri.v1alpha1.PodSandbox;
import dev.rung.nri.v1alpha1.SecurityProfile;
import dev.rung.nri.v1alpha1.ValidateContainerAdjustmentRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DefaultValidatorTests {
    private static final String TOLERATED = "tolerate.example";
    private static final String REQUIRED = "required-plugins.noderesource.dev";

    private static Container container(SecurityProfile profile) {
        return Container.newBuilder()
                .setId("one")
                .setName("main")
                .setLinux(LinuxContainer.newBuilder().setSeccompProfile(profile))
                .build();
    }

    private static final Container PLAIN =
            Container.newBuilder().setId("one").setName("main").build();

    private static ValidateContainerAdjustmentRequest asked(
            Container container, ContainerAdjustment adjustment, Map<String, String> annotations) {
        var owners = new Ownership();
        var all = new CollectedAdjustment(owners, container);
        all.add(adjustment, "10-test");
        return ValidateContainerAdjustmentRequest.newBuilder()
                .setPod(PodSandbox.newBuilder().putAllAnnotations(annotations))
                .setContainer(container)
                .setAdjust(all.all())
                .setOwners(owners.told())
                .addPlugins(PluginInstance.newBuilder().setIndex("10").setName("test"))
                .build();
    }

    private static void check(
            ValidatorSettings settings, ValidateContainerAdjustmentRequest request) {
        new DefaultValidator(settings).check(request);
    }

    private static ValidatorSettings rejecting(Restriction... restrictions) {
        return new ValidatorSettings(true, Set.of(restrictions), List.of(), "");
    }

    private static ContainerAdjustment linux(LinuxContainerAdjustment.Builder linux) {
        return ContainerAdjustment.newBuilder().setLinux(linux).build();
    }

    private static ValidateContainerAdjustmentRequest hooked() {
        var hook = Hook.newBuilder().setPath("/bin/true");
        return asked(
                PLAIN,
                ContainerAdjustment.newBuilder()
                        .setHooks(Hooks.newBuilder().addPrestart(hook))
                        .build(),
                Map.of());
    }

    @Test
    void shouldRejectHooksWhereThatIsSaid() {
        assertThatThrownBy(() -> check(rejecting(Restriction.OCI_HOOK), hooked()))
                .isInstanceOf(Failure.Denied.class)
                .hasMessage(
                        "NRI validation error: plugin \"10-test\" attempted restricted OCI hook"
                                + " injection");
        assertThatCode(() -> check(rejecting(Restriction.SYSCTL), hooked()))
                .doesNotThrowAnyException();
        var off = new ValidatorSettings(false, Set.of(Restriction.OCI_HOOK), List.of("x"), "");
        assertThatCode(() -> check(off, hooked())).doesNotThrowAnyException();
    }

    @Test
    void shouldRejectNamespacesAndSysctls() {
        var namespaces =
                linux(
                        LinuxContainerAdjustment.newBuilder()
                                .addNamespaces(LinuxNamespace.newBuilder().setType("ipc")));
        var sysctls = linux(LinuxContainerAdjustment.newBuilder().putSysctl("kernel.sem", "1"));

        assertThatThrownBy(() ->
                        check(rejecting(Restriction.NAMESPACE), asked(PLAIN, namespaces, Map.of())))
                .hasMessageEndingWith(
                        "attempted restricted namespace adjustment by plugin(s) \"10-test\""
                                + " (namespace \"ipc\")");
        assertThatThrownBy(
                        () -> check(rejecting(Restriction.SYSCTL), asked(PLAIN, sysctls, Map.of())))
                .hasMessageEndingWith(
                        "attempted restricted sysctl adjustment by plugin(s) 10-test");
    }

    @ParameterizedTest
    @CsvSource({
        "RUNTIME_DEFAULT, RUNTIME_DEFAULT_SECCOMP, runtime default",
        "UNCONFINED, UNCONFINED_SECCOMP, unconfined",
        "LOCALHOST, CUSTOM_SECCOMP, custom"
    })
    void shouldRejectSeccompByWhatTheContainerHad(
            SecurityProfile.ProfileType had, Restriction restriction, String words) {
        var policy =
                linux(
                        LinuxContainerAdjustment.newBuilder()
                                .setSeccompPolicy(
                                        LinuxSeccomp.newBuilder()
                                                .setDefaultAction("SCMP_ACT_ALLOW")));
        var request =
                asked(
                        container(SecurityProfile.newBuilder().setProfileType(had).build()),
                        policy,
                        Map.of());

        assertThatThrownBy(() -> check(rejecting(restriction), request))
                .hasMessageEndingWith(
                        "plugin 10-test attempted restricted "
                                + words
                                + " seccomp policy adjustment");
        assertThatCode(() -> check(rejecting(Restriction.OCI_HOOK), request))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[test, 'missing']", "- \"missing\"\n- 10-test\n"})
    void shouldMissPluginsThatAPodIsNotMadeWithout(String list) {
        var request =
                asked(
                        PLAIN,
                        ContainerAdjustment.getDefaultInstance(),
                        Map.of(REQUIRED + "/container.main", list, REQUIRED, "[test]"));

        assertThatThrownBy(() -> check(rejecting(), request))
                .hasMessageEndingWith("required plugin \"missing\" not present");
    }

    @Test
    void shouldMissRequiredPluginsUnlessAPodToleratesIt() {
        var settings =
                new ValidatorSettings(true, Set.of(), List.of("10-test", "a", "b"), TOLERATED);
        ContainerAdjustment none = ContainerAdjustment.getDefaultInstance();

        assertThatThrownBy(() -> check(settings, asked(PLAIN, none, Map.of())))
                .hasMessageEndingWith("required plugins \"a,b\" not present");
        assertThatCode(() ->
                        check(settings, asked(PLAIN, none, Map.of(TOLERATED + "/pod", "true"))))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> check(settings, asked(PLAIN, none, Map.of(TOLERATED, "perhaps"))))
                .hasMessageContaining("invalid tolerate.example annotation \"perhaps\"");
    }
}
