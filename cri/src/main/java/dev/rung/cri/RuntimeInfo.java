package dev.rung.cri;

import dev.rung.cri.v1.CgroupDriver;
import dev.rung.cri.v1.LinuxRuntimeConfiguration;
import dev.rung.cri.v1.RuntimeCondition;
import dev.rung.cri.v1.RuntimeConfigRequest;
import dev.rung.cri.v1.RuntimeConfigResponse;
import dev.rung.cri.v1.RuntimeFeatures;
import dev.rung.cri.v1.RuntimeHandler;
import dev.rung.cri.v1.RuntimeHandlerFeatures;
import dev.rung.cri.v1.RuntimeStatus;
import dev.rung.cri.v1.StatusRequest;
import dev.rung.cri.v1.StatusResponse;
import dev.rung.cri.v1.UpdateRuntimeConfigRequest;
import dev.rung.cri.v1.UpdateRuntimeConfigResponse;
import dev.rung.cri.v1.VersionRequest;
import dev.rung.cri.v1.VersionResponse;
import dev.rung.domain.Failure;
import dev.rung.engine.CniPods;
import dev.rung.engine.EngineOptions;
import dev.rung.engine.Runtimes;
import dev.rung.oci.json.JsonFields;
import java.nio.charset.StandardCharsets;

/** What the engine is, and what its runtimes can do. */
final class RuntimeInfo {
    private static final String VERSION_OF_API = "v1";
    private static final String VERSION = "0.1.0";
    private static final String KUBELETS_VERSION = "0.1.0";

    private final Runtimes runtimes;
    private final CniPods networks;

    RuntimeInfo(Runtimes runtimes, CniPods networks) {
        this.runtimes = runtimes;
        this.networks = networks;
    }

    VersionResponse version(VersionRequest request) {
        return VersionResponse.newBuilder()
                .setVersion(KUBELETS_VERSION)
                .setRuntimeName("rung")
                .setRuntimeVersion(VERSION)
                .setRuntimeApiVersion(VERSION_OF_API)
                .build();
    }

    StatusResponse status(StatusRequest request) {
        var answer =
                StatusResponse.newBuilder()
                        .setStatus(
                                RuntimeStatus.newBuilder()
                                        .addConditions(condition("RuntimeReady"))
                                        .addConditions(networkCondition()))
                        .setFeatures(
                                RuntimeFeatures.newBuilder().setSupplementalGroupsPolicy(true));
        answer.addRuntimeHandlers(handler("", runtimes.usual()));
        for (String name : runtimes.all().keySet()) {
            answer.addRuntimeHandlers(handler(name, name));
        }
        if (request.getVerbose()) {
            answer.putInfo("config", "{\"defaultRuntimeName\":\"" + runtimes.usual() + "\"}");
        }
        return answer.build();
    }

    private RuntimeCondition networkCondition() {
        String trouble = networks.trouble();
        if (trouble == null) {
            return condition("NetworkReady");
        }
        return RuntimeCondition.newBuilder()
                .setType("NetworkReady")
                .setReason("NetworkPluginNotReady")
                .setMessage("Network plugin returns error: " + trouble)
                .build();
    }

    private static RuntimeCondition condition(String type) {
        return RuntimeCondition.newBuilder().setType(type).setStatus(true).build();
    }

    private RuntimeHandler handler(String name, String runtime) {
        return RuntimeHandler.newBuilder()
                .setName(name)
                .setFeatures(
                        RuntimeHandlerFeatures.newBuilder()
                                .setRecursiveReadOnlyMounts(mountsReadOnlyBelow(runtime))
                                .setUserNamespaces(runtime.equals(EngineOptions.HOST)))
                .build();
    }

    /** Whether "features" tells of the mount option rro (runtime-spec features.md). */
    private boolean mountsReadOnlyBelow(String runtime) {
        String said = runtimes.features(runtime);
        if (said.isEmpty()) {
            return false;
        }
        try {
            return JsonFields.read("features", said.getBytes(StandardCharsets.UTF_8))
                    .texts("mountOptions")
                    .contains("rro");
        } catch (Failure.Invalid _) {
            return false;
        }
    }

    /** A pod's addresses come from its network, whatever a kubelet was given for them. */
    UpdateRuntimeConfigResponse update(UpdateRuntimeConfigRequest request) {
        return UpdateRuntimeConfigResponse.getDefaultInstance();
    }

    RuntimeConfigResponse config(RuntimeConfigRequest request) {
        return RuntimeConfigResponse.newBuilder()
                .setLinux(
                        LinuxRuntimeConfiguration.newBuilder()
                                .setCgroupDriver(
                                        switch (runtimes.cgroups()) {
                                            case CGROUPFS -> CgroupDriver.CGROUPFS;
                                            case SYSTEMD -> CgroupDriver.SYSTEMD;
                                        }))
                .build();
    }
}
