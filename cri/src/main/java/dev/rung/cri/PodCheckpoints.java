package dev.rung.cri;

import dev.rung.cri.v1.CheckpointPodRequest;
import dev.rung.cri.v1.CheckpointPodResponse;
import dev.rung.cri.v1.ContainerConfig;
import dev.rung.cri.v1.ContainerState;
import dev.rung.cri.v1.CreateContainerRequest;
import dev.rung.cri.v1.ImageSpec;
import dev.rung.cri.v1.PodSandboxMetadata;
import dev.rung.cri.v1.RemovePodSandboxRequest;
import dev.rung.cri.v1.RestorePodRequest;
import dev.rung.cri.v1.RestorePodResponse;
import dev.rung.cri.v1.RestoredContainer;
import dev.rung.cri.v1.RunPodSandboxRequest;
import dev.rung.cri.v1.StartContainerRequest;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.ContainerView;
import dev.rung.engine.PodView;
import dev.rung.linux.DurableFile;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * CheckpointPod and RestorePod: a pod that goes on, in a folder of its own, and a pod that goes on
 * where that one was.
 *
 * <pre>
 * NAME.tar    a container, as {@link CheckpointArchives} writes it
 * pod.json    format 1: what the pod was, and its containers in the order of their creation; last
 * </pre>
 */
final class PodCheckpoints {
    private static final String POD = "pod.json";
    private static final String ARCHIVE = ".tar";
    private static final long FORMAT = 1;

    private final PodSandboxes pods;
    private final PodContainers containers;
    private final CheckpointArchives archives;
    private final Clock clock;

    PodCheckpoints(
            PodSandboxes pods, PodContainers containers, CheckpointArchives archives, Clock clock) {
        this.pods = pods;
        this.containers = containers;
        this.archives = archives;
        this.clock = clock;
    }

    CheckpointPodResponse write(CheckpointPodRequest request) {
        PodView pod = pods.find(request.getPodSandboxId());
        refuseOptions(request.getOptionsMap());
        Path folder = CheckpointArchives.location("output_path", request.getOutputPath());
        Map<String, ContainerView> chosen = chosen(pod, request.getContainerIdsList());
        boolean made = makeFolder(folder);
        boolean done = false;
        try {
            for (Map.Entry<String, ContainerView> each : chosen.entrySet()) {
                archives.write(
                        each.getValue(), folder.resolve(each.getKey() + ARCHIVE), Duration.ZERO);
            }
            DurableFile.replace(folder.resolve(POD), description(pod, chosen));
            done = true;
        } catch (IOException e) {
            throw new Failure.HostRefused("write \"" + folder + "\": " + e.getMessage(), e);
        } finally {
            if (!done) {
                clear(folder, made);
            }
        }
        return CheckpointPodResponse.getDefaultInstance();
    }

    private static void refuseOptions(Map<String, String> options) {
        for (String option : options.keySet()) {
            throw new Failure.Invalid(
                    "options: \"" + Printable.of(option) + "\": there are no options");
        }
    }

    /** By name, in the order of their creation; without ids all that run. */
    private static Map<String, ContainerView> chosen(PodView pod, List<String> ids) {
        var missing = new ArrayList<>(ids);
        var chosen = new LinkedHashMap<String, ContainerView>();
        List<ContainerView> all = new ArrayList<>(Notes.containers(pod));
        all.sort(Comparator.comparing(container -> container.record().created()));
        for (ContainerView container : all) {
            boolean runs = PodContainers.state(container) == ContainerState.CONTAINER_RUNNING;
            boolean asked = missing.remove(container.record().id().value());
            if (asked && !runs) {
                throw new Failure.WrongState(
                        "container " + container.record().id() + " is not running");
            } else if (asked || ids.isEmpty() && runs) {
                chosen.put(Notes.container(container).getMetadata().getName(), container);
            }
        }
        if (!missing.isEmpty()) {
            throw new Failure.NotFound(
                    "container_ids: the pod has no container \""
                            + Printable.of(missing.getFirst())
                            + "\"");
        } else if (chosen.isEmpty()) {
            throw new Failure.WrongState("no container of the pod runs");
        }
        return chosen;
    }

    /** Whether it was not there before; one that was must be empty. */
    private static boolean makeFolder(Path folder) {
        try {
            Files.createDirectory(
                    folder,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
            return true;
        } catch (FileAlreadyExistsException _) {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) || !isEmpty(folder)) {
                throw new Failure.AlreadyExists(
                        "output_path \"" + folder + "\" exists, and is no empty folder");
            }
            return false;
        } catch (IOException e) {
            throw new Failure.HostRefused("make \"" + folder + "\": " + e.getMessage(), e);
        }
    }

    private static boolean isEmpty(Path folder) {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            return !all.iterator().hasNext();
        } catch (IOException e) {
            throw new Failure.HostRefused("read \"" + folder + "\": " + e.getMessage(), e);
        }
    }

    /** All in it is ours: it was empty. */
    private static void clear(Path folder, boolean withFolder) {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path each : all) {
                Files.deleteIfExists(each);
            }
            if (withFolder) {
                Files.deleteIfExists(folder);
            }
        } catch (IOException e) {
            System.getLogger("dev.rung.cri")
                    .log(
                            System.Logger.Level.WARNING,
                            "clear \"" + folder + "\": " + e.getMessage());
        }
    }

    private byte[] description(PodView pod, Map<String, ContainerView> chosen) {
        PodSandboxMetadata metadata = Notes.pod(pod.record()).getMetadata();
        var json = JsonWriter.indented("  ").beginObject().field("format", FORMAT);
        json.field("created", clock.instant().toString()).name("pod").beginObject();
        json.field("id", pod.record().id().value())
                .field("name", metadata.getName())
                .field("namespace", metadata.getNamespace())
                .field("uid", metadata.getUid())
                .field("handler", Notes.handler(pod.record()))
                .endObject();
        return json.field("containers", List.copyOf(chosen.keySet())).endObject().bytes();
    }

    RestorePodResponse restore(RestorePodRequest request) {
        refuseOptions(request.getOptionsMap());
        Path folder = CheckpointArchives.location("checkpoint_path", request.getCheckpointPath());
        List<ContainerConfig> configs = configs(names(folder), request.getContainerConfigsList());
        String pod =
                pods.run(
                                RunPodSandboxRequest.newBuilder()
                                        .setConfig(request.getConfig())
                                        .setRuntimeHandler(request.getRuntimeHandler())
                                        .build())
                        .getPodSandboxId();
        var answer = RestorePodResponse.newBuilder().setPodSandboxId(pod);
        try {
            for (ContainerConfig config : configs) {
                answer.addRestoredContainers(restored(request, pod, config, folder));
            }
        } catch (RuntimeException e) {
            remove(pod, e);
            throw e;
        }
        return answer.build();
    }

    /** When even that fails a kubelet finds the pod, and why the restore failed is what counts. */
    private void remove(String pod, RuntimeException why) {
        try {
            pods.remove(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
        } catch (Failure e) {
            why.addSuppressed(e);
        }
    }

    private RestoredContainer restored(
            RestorePodRequest request, String pod, ContainerConfig config, Path folder) {
        String name = config.getMetadata().getName();
        String archive = folder.resolve(name + ARCHIVE).toString();
        String id =
                containers
                        .create(
                                CreateContainerRequest.newBuilder()
                                        .setPodSandboxId(pod)
                                        .setConfig(
                                                config.toBuilder()
                                                        .setImage(
                                                                ImageSpec.newBuilder()
                                                                        .setImage(archive)))
                                        .setSandboxConfig(request.getConfig())
                                        .build())
                        .getContainerId();
        containers.start(StartContainerRequest.newBuilder().setContainerId(id).build());
        return RestoredContainer.newBuilder().setName(name).setContainerId(id).build();
    }

    private static List<String> names(Path folder) {
        Path file = folder.resolve(POD);
        try {
            JsonFields fields = JsonFields.read(file.toString(), Files.readAllBytes(file));
            if (fields.integer("format", 1, Long.MAX_VALUE) > FORMAT) {
                throw new Failure.Unsupported(file + ": want format " + FORMAT);
            }
            List<String> names = fields.texts("containers");
            for (String name : names) {
                FieldRules.word(file + ": containers", name);
            }
            return names;
        } catch (IOException e) {
            throw new Failure.NotFound(
                    "checkpoint_path \"" + folder + "\" holds no checkpoint of a pod: no " + POD);
        }
    }

    /** One for each, in their order. */
    private static List<ContainerConfig> configs(
            List<String> names, List<ContainerConfig> configured) {
        var byName = new LinkedHashMap<String, ContainerConfig>();
        for (ContainerConfig config : configured) {
            byName.put(config.getMetadata().getName(), config);
        }
        var configs = new ArrayList<ContainerConfig>();
        for (String name : names) {
            ContainerConfig config = byName.remove(name);
            if (config == null) {
                throw new Failure.Invalid(
                        "container_configs: none for container \"" + name + "\" of the checkpoint");
            }
            configs.add(config);
        }
        for (String name : byName.keySet()) {
            throw new Failure.Invalid(
                    "container_configs: the checkpoint has no container \""
                            + Printable.of(name)
                            + "\"");
        }
        return configs;
    }
}
