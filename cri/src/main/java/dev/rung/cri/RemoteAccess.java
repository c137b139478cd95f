package dev.rung.cri;

import dev.rung.cri.streaming.StreamOrder;
import dev.rung.cri.streaming.StreamingServer;
import dev.rung.cri.v1.AttachRequest;
import dev.rung.cri.v1.AttachResponse;
import dev.rung.cri.v1.ContainerState;
import dev.rung.cri.v1.ExecRequest;
import dev.rung.cri.v1.ExecResponse;
import dev.rung.cri.v1.PodSandboxState;
import dev.rung.cri.v1.PortForwardRequest;
import dev.rung.cri.v1.PortForwardResponse;
import dev.rung.domain.Failure;
import dev.rung.engine.ContainerView;
import dev.rung.engine.PodView;

/** Streams that a kubelet asks for: it gets an address to lead its client to. */
final class RemoteAccess {
    private final PodContainers containers;
    private final PodSandboxes pods;
    private final StreamingServer server;

    RemoteAccess(PodContainers containers, PodSandboxes pods, StreamingServer server) {
        this.containers = containers;
        this.pods = pods;
        this.server = server;
    }

    ExecResponse exec(ExecRequest request) {
        var wanted =
                new StreamOrder.Wanted(
                        request.getStdin(),
                        request.getStdout(),
                        request.getStderr(),
                        request.getTty());
        check(wanted);
        String id = running(request.getContainerId());
        var order = new StreamOrder.Exec(id, ExecSync.command(request.getCmdList()), wanted);
        return ExecResponse.newBuilder().setUrl(server.url(order)).build();
    }

    AttachResponse attach(AttachRequest request) {
        var wanted =
                new StreamOrder.Wanted(
                        request.getStdin(),
                        request.getStdout(),
                        request.getStderr(),
                        request.getTty());
        check(wanted);
        String id = running(request.getContainerId());
        return AttachResponse.newBuilder()
                .setUrl(server.url(new StreamOrder.Attach(id, wanted)))
                .build();
    }

    private static void check(StreamOrder.Wanted wanted) {
        if (wanted.tty() && wanted.stderr()) {
            throw new Failure.Invalid("stderr: a terminal has none of its own");
        } else if (!wanted.stdin() && !wanted.stdout() && !wanted.stderr()) {
            throw new Failure.Invalid("one of stdin, stdout and stderr must be asked for");
        }
    }

    private String running(String id) {
        ContainerView container = containers.find(id);
        if (PodContainers.state(container) != ContainerState.CONTAINER_RUNNING) {
            throw new Failure.WrongState(
                    "container "
                            + container.record().id()
                            + " is in the state "
                            + PodContainers.state(container).name());
        }
        return container.record().id().value();
    }

    PortForwardResponse forward(PortForwardRequest request) {
        PodView pod = pods.find(request.getPodSandboxId());
        if (PodSandboxes.state(pod) != PodSandboxState.SANDBOX_READY) {
            throw new Failure.WrongState("pod sandbox " + pod.record().id() + " is not ready");
        }
        var order = new StreamOrder.Forward(pod.record().id().value(), request.getPortList());
        return PortForwardResponse.newBuilder().setUrl(server.url(order)).build();
    }
}
