package dev.rung.tests.engine;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.rung.nri.v1alpha1.ConfigureRequest;
import dev.rung.nri.v1alpha1.ContainerAdjustment;
import dev.rung.nri.v1alpha1.CreateContainerRequest;
import dev.rung.nri.v1alpha1.CreateContainerResponse;
import dev.rung.nri.v1alpha1.Empty;
import dev.rung.nri.v1alpha1.RegisterPluginRequest;
import dev.rung.nri.v1alpha1.SynchronizeRequest;
import dev.rung.nri.v1alpha1.UpdateContainersRequest;
import dev.rung.nri.v1alpha1.UpdateContainersResponse;
import dev.rung.nri.wire.CallFailure;
import dev.rung.nri.wire.Link;
import dev.rung.testkit.Patience;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A plug-in of the node resource interface, which remembers what it was told. */
final class NriPlugin implements AutoCloseable {
    private static final String RUNTIME = "nri.pkg.api.v1alpha1.Runtime";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<Heard> heard = new CopyOnWriteArrayList<>();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final Link link;

    /**
     * What it was told.
     *
     * @param pod its name
     * @param container its name; empty: it is of a pod
     */
    record Heard(String method, String pod, String container) {
        @Override
        public String toString() {
            return method + " " + pod + (container.isEmpty() ? "" : "/" + container);
        }
    }

    /** What it answers. */
    interface Answer {
        MessageLite to(ByteString request) throws CallFailure;
    }

    /** What it wants of a container. */
    interface Adjuster {
        @Nullable ContainerAdjustment adjust(CreateContainerRequest request) throws CallFailure;
    }

    NriPlugin(SocketChannel channel) {
        link = new Link(channel, Link.TO_RUNTIME, Link.TO_PLUGIN, this::answer, () -> {});
        link.start();
    }

    static NriPlugin at(Path socket) {
        try {
            return new NriPlugin(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
        } catch (IOException e) {
            throw new AssertionError("nobody serves plug-ins", e);
        }
    }

    NriPlugin on(String method, Answer answer) {
        answers.put(method, answer);
        return this;
    }

    NriPlugin adjusting(Adjuster adjuster) {
        return on(
                "CreateContainer",
                bytes -> {
                    ContainerAdjustment wish =
                            adjuster.adjust(
                                    Link.parse(CreateContainerRequest.getDefaultInstance(), bytes));
                    var answer = CreateContainerResponse.newBuilder();
                    if (wish != null) {
                        answer.setAdjust(wish);
                    }
                    return answer.build();
                });
    }

    /** Says who it is, and waits until it has heard of all there is. */
    NriPlugin join(String index, String name) {
        try {
            link.call(
                    RUNTIME,
                    "RegisterPlugin",
                    RegisterPluginRequest.newBuilder()
                            .setPluginIdx(index)
                            .setPluginName(name)
                            .build(),
                    PATIENCE);
        } catch (CallFailure e) {
            throw new AssertionError("plug-in " + name, e);
        }
        hears("Synchronize");
        return this;
    }

    UpdateContainersResponse update(UpdateContainersRequest request) {
        try {
            ByteString answer = link.call(RUNTIME, "UpdateContainers", request, PATIENCE);
            return Link.parse(UpdateContainersResponse.getDefaultInstance(), answer);
        } catch (CallFailure e) {
            throw new AssertionError(e);
        }
    }

    private MessageLite answer(String service, String method, ByteString request)
            throws CallFailure {
        switch (method) {
            case "Configure" -> {
                var asked = Link.parse(ConfigureRequest.getDefaultInstance(), request);
                heard.add(new Heard(method, asked.getRuntimeName(), asked.getConfig()));
            }
            case "Synchronize" -> {
                var all = Link.parse(SynchronizeRequest.getDefaultInstance(), request);
                all.getPodsList().forEach(pod -> heard.add(new Heard("there", pod.getName(), "")));
                all.getContainersList()
                        .forEach(one -> heard.add(new Heard("there", "", one.getName())));
                heard.add(new Heard(method, "", ""));
            }
            default -> {
                // all that concern a pod, and a container of it, begin so
                var one = Link.parse(CreateContainerRequest.getDefaultInstance(), request);
                heard.add(new Heard(method, one.getPod().getName(), one.getContainer().getName()));
            }
        }
        Answer answer = answers.get(method);
        return answer == null ? Empty.getDefaultInstance() : answer.to(request);
    }

    /** What it was told, in its order, of one pod. */
    List<String> of(String pod) {
        return heard.stream()
                .filter(one -> one.pod().equals(pod))
                .map(one -> one.method() + (one.container().isEmpty() ? "" : " ") + one.container())
                .toList();
    }

    List<Heard> heard() {
        return heard;
    }

    /** Waits until it was told so. */
    void hears(String what) {
        Patience.await(
                () -> heard.stream().anyMatch(one -> one.toString().strip().equals(what)),
                () -> "no " + what + " among " + heard);
    }

    boolean isDropped() {
        return link.isClosed();
    }

    @Override
    public void close() {
        link.close();
    }
}
