package dev.rung.cri;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.rung.cri.v1.ContainerConfig;
import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.domain.Failure;
import dev.rung.engine.ContainerView;
import dev.rung.engine.PodView;
import dev.rung.engine.record.ContainerRecord;
import dev.rung.engine.record.PodRecord;
import dev.rung.engine.spec.HostOptions;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What a client asked for, kept as it was with what the engine made of it: much of that is only
 * told again, to who asks what there is.
 */
final class Notes {
    private static final String POD = "cri.pod";
    private static final String HANDLER = "cri.handler";
    private static final String CONTAINER = "cri.container";

    private Notes() {}

    static Map<String, String> of(PodSandboxConfig config, String handler) {
        return Map.of(POD, text(config), HANDLER, handler);
    }

    static Map<String, String> of(ContainerConfig config) {
        return Map.of(CONTAINER, text(config));
    }

    private static String text(MessageLite message) {
        return Base64.getEncoder().encodeToString(message.toByteArray());
    }

    /** Whether it was made through CRI: a kubelet removes what it does not know. */
    static boolean isPod(PodRecord pod) {
        return pod.host().cri().notes().containsKey(POD);
    }

    static boolean isContainer(ContainerView container) {
        return container.record().host().cri().notes().containsKey(CONTAINER);
    }

    /**
     * Those of a pod's containers that were made through CRI, the newest first: of several with the
     * same name a kubelet takes the first for the one that counts.
     */
    static List<ContainerView> containers(PodView pod) {
        return pod.containers().stream()
                .filter(Notes::isContainer)
                .sorted(Comparator.comparing(Notes::created).reversed())
                .toList();
    }

    private static Instant created(ContainerView container) {
        return container.record().created();
    }

    static PodSandboxConfig pod(PodRecord pod) {
        try {
            return PodSandboxConfig.parseFrom(bytes(pod.host(), POD));
        } catch (InvalidProtocolBufferException e) {
            throw damaged("pod " + pod.id(), e);
        }
    }

    static String handler(PodRecord pod) {
        return pod.host().cri().notes().getOrDefault(HANDLER, "");
    }

    static ContainerConfig container(ContainerView container) {
        return container(container.record());
    }

    static ContainerConfig container(ContainerRecord container) {
        try {
            return ContainerConfig.parseFrom(bytes(container.host(), CONTAINER));
        } catch (InvalidProtocolBufferException e) {
            throw damaged("container " + container.id(), e);
        }
    }

    private static byte[] bytes(HostOptions host, String key) {
        return Base64.getDecoder().decode(host.cri().notes().getOrDefault(key, ""));
    }

    private static Failure.Corrupt damaged(String what, InvalidProtocolBufferException e) {
        return new Failure.Corrupt(what + ": damaged record: " + e.getMessage(), e);
    }
}
