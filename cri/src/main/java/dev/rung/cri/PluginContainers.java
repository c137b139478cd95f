package dev.rung.cri;

import dev.rung.cri.v1.ContainerConfig;
import dev.rung.cri.v1.SecurityProfile.ProfileType;
import dev.rung.engine.ContainerView;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.nri.v1alpha1.CDIDevice;
import dev.rung.nri.v1alpha1.Container;
import dev.rung.nri.v1alpha1.ContainerState;
import dev.rung.nri.v1alpha1.Image;
import dev.rung.nri.v1alpha1.LinuxContainer;
import dev.rung.nri.v1alpha1.SecurityProfile;
import dev.rung.oci.json.JsonFields;
import java.time.Instant;

/** Containers as plug-ins of NRI are told of them. */
final class PluginContainers {
    private PluginContainers() {}

    /**
     * One that is about to be made.
     *
     * @param json the config.json that it would be started with
     */
    static Container told(ContainerRecord record, JsonFields json) {
        return builder(record, json).setState(ContainerState.CONTAINER_UNKNOWN).build();
    }

    /** One that is there. */
    static Container told(ContainerView container, JsonFields json) {
        ContainerRecord record = container.record();
        var told =
                builder(record, json)
                        .setState(
                                switch (container.phase()) {
                                    case CREATED -> ContainerState.CONTAINER_CREATED;
                                    case RUNNING, RESTARTING -> ContainerState.CONTAINER_RUNNING;
                                    case PAUSED -> ContainerState.CONTAINER_PAUSED;
                                    case EXITED, REMOVING -> ContainerState.CONTAINER_STOPPED;
                                })
                        .setPid(container.pid())
                        .setExitCode(container.exitCode());
        if (record.started() != null) {
            told.setStartedAt(PodSandboxes.nanos(record.started()));
        }
        Instant finished = container.finished();
        if (finished != null) {
            told.setFinishedAt(PodSandboxes.nanos(finished));
            told.setStatusReason(
                    container.oomKilled()
                            ? "OOMKilled"
                            : container.exitCode() == 0 ? "Completed" : "Error");
        }
        return told.setStatusMessage(record.error()).build();
    }

    /** What is told of one that nobody knows more of. */
    static Container brief(ContainerRecord record) {
        return Container.newBuilder()
                .setId(record.id().value())
                .setPodSandboxId(record.host().pod())
                .setName(Notes.container(record).getMetadata().getName())
                .setState(ContainerState.CONTAINER_STOPPED)
                .build();
    }

    private static Container.Builder builder(ContainerRecord record, JsonFields json) {
        ContainerConfig config = Notes.container(record);
        var told =
                Container.newBuilder()
                        .setId(record.id().value())
                        .setPodSandboxId(record.host().pod())
                        .setName(config.getMetadata().getName())
                        .putAllLabels(config.getLabelsMap())
                        .setCreatedAt(PodSandboxes.nanos(record.created()))
                        .setImage(
                                Image.newBuilder()
                                        .setName(config.getImage().getImage())
                                        .setConfigDigest(record.image()));
        new SpecWords(json).tell(told);
        told.putAllAnnotations(config.getAnnotationsMap());
        config.getCDIDevicesList()
                .forEach(device ->
                        told.addCDIDevices(CDIDevice.newBuilder().setName(device.getName())));
        if (config.getLinux().getSecurityContext().hasSeccomp()) {
            told.setLinux(
                    LinuxContainer.newBuilder(told.getLinux())
                            .setSeccompProfile(
                                    profile(config.getLinux().getSecurityContext().getSeccomp())));
        }
        return told;
    }

    private static SecurityProfile profile(dev.rung.cri.v1.SecurityProfile asked) {
        ProfileType type = asked.getProfileType();
        return SecurityProfile.newBuilder()
                .setProfileTypeValue(type == ProfileType.UNRECOGNIZED ? 0 : type.getNumber())
                .setLocalhostRef(asked.getLocalhostRef())
                .build();
    }
}
