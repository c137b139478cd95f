package dev.rung.nri;

import com.google.protobuf.MessageLite;
import dev.rung.nri.v1alpha1.Container;
import dev.rung.nri.v1alpha1.ContainerUpdate;
import dev.rung.nri.v1alpha1.PodSandbox;
import dev.rung.nri.v1alpha1.SynchronizeRequest;
import dev.rung.nri.v1alpha1.SynchronizeResponse;
import dev.rung.nri.wire.CallFailure;
import java.util.ArrayList;
import java.util.List;

/** Tells a new plug-in of all there is, in as many messages as that takes. */
final class Synchronization {
    /** Of the pods and containers in one message, which holds 4 MiB. */
    private static final int MOST_BYTES = 3 << 20;

    private final List<SynchronizeRequest.Builder> parts = new ArrayList<>();
    private int bytes = MOST_BYTES;

    Synchronization(List<PodSandbox> pods, List<Container> containers) {
        parts.add(SynchronizeRequest.newBuilder());
        bytes = 0;
        for (PodSandbox pod : pods) {
            part(pod).addPods(pod);
        }
        for (Container container : containers) {
            part(container).addContainers(container);
        }
    }

    private SynchronizeRequest.Builder part(MessageLite next) {
        int size = next.getSerializedSize();
        if (bytes > 0 && bytes + size > MOST_BYTES) {
            parts.getLast().setMore(true);
            parts.add(SynchronizeRequest.newBuilder());
            bytes = 0;
        }
        bytes += size;
        return parts.getLast();
    }

    /** What the plug-in wants of them. */
    List<ContainerUpdate> with(Plugin plugin) throws CallFailure {
        for (SynchronizeRequest.Builder part : parts) {
            SynchronizeResponse answer =
                    plugin.call(
                            "Synchronize", part.build(), SynchronizeResponse.getDefaultInstance());
            if (!part.getMore()) {
                return answer.getUpdateList();
            } else if (!answer.getMore() || answer.getUpdateCount() > 0) {
                throw CallFailure.answered(
                        CallFailure.INVALID_ARGUMENT, "plugin does not handle split sync requests");
            }
        }
        throw new AssertionError("the last part has no more behind it");
    }
}
