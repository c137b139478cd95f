package dev.rung.nri;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.nri.v1alpha1.ConfigureRequest;
import dev.rung.nri.v1alpha1.ContainerUpdate;
import dev.rung.nri.v1alpha1.Empty;
import dev.rung.nri.v1alpha1.RegisterPluginRequest;
import dev.rung.nri.v1alpha1.UpdateContainersRequest;
import dev.rung.nri.v1alpha1.UpdateContainersResponse;
import dev.rung.nri.wire.CallFailure;
import dev.rung.nri.wire.Link;
import dev.rung.nri.wire.Service;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Somebody at the other end of a connection, who has to say which plug-in it is. */
final class Newcomer implements Service {
    private static final String SERVICE = "nri.pkg.api.v1alpha1.Runtime";

    private final @Nullable PluginName given;
    private final NodeState node;
    private final CompletableFuture<PluginName> name = new CompletableFuture<>();
    private final Link link;
    private volatile @Nullable Failure wrongName;

    /**
     * Listens to it.
     *
     * @param given what it is called, whatever it says; null: it says so itself
     * @param ended is run when it goes, at any time
     */
    Newcomer(SocketChannel channel, @Nullable PluginName given, NodeState node, Runnable ended) {
        this.given = given;
        this.node = node;
        link =
                new Link(
                        channel,
                        Link.TO_PLUGIN,
                        Link.TO_RUNTIME,
                        this,
                        () -> {
                            name.completeExceptionally(new IOException("connection closed"));
                            ended.run();
                        });
        link.start();
    }

    /** Turns it away, when it has heard what there is to hear. */
    void refuse() {
        link.finish();
    }

    /**
     * The plug-in that it is, configured.
     *
     * @param configuration of a plug-in of the name that was given
     * @throws CallFailure when it does not do its part in time
     */
    Plugin register(PluginSettings settings, String runtime, String version, String configuration)
            throws CallFailure {
        long time = settings.registration().toMillis();
        try {
            var plugin =
                    new Plugin(name.get(time, TimeUnit.MILLISECONDS), link, settings.request());
            plugin.configure(
                    ConfigureRequest.newBuilder()
                            .setConfig(configuration)
                            .setRuntimeName(runtime)
                            .setRuntimeVersion(version)
                            .setRegistrationTimeout(time)
                            .setRequestTimeout(settings.request().toMillis())
                            .setNRIVersion(Plugin.VERSION)
                            .build());
            return plugin;
        } catch (TimeoutException _) {
            throw failed("it has not registered in " + time + " ms");
        } catch (ExecutionException e) {
            throw failed(String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted");
        }
    }

    private static CallFailure failed(String why) {
        return CallFailure.answered(CallFailure.UNKNOWN, why);
    }

    @Override
    public MessageLite answer(String service, String method, ByteString bytes) throws CallFailure {
        if (service.equals(SERVICE) && method.equals("RegisterPlugin")) {
            registered(Link.parse(RegisterPluginRequest.getDefaultInstance(), bytes));
            return Empty.getDefaultInstance();
        } else if (service.equals(SERVICE) && method.equals("UpdateContainers")) {
            if (!name.isDone() || name.isCompletedExceptionally()) {
                throw failed("the plug-in has not registered");
            }
            return update(Link.parse(UpdateContainersRequest.getDefaultInstance(), bytes));
        }
        throw CallFailure.answered(
                CallFailure.UNIMPLEMENTED,
                "no method " + Printable.of(service) + "." + Printable.of(method));
    }

    private void registered(RegisterPluginRequest request) throws CallFailure {
        try {
            PluginName said =
                    given == null
                            ? new PluginName(request.getPluginIdx(), request.getPluginName())
                            : given;
            if (!name.complete(said)) {
                throw failed("the plug-in has registered already");
            }
        } catch (Failure.Invalid e) {
            wrongName = e;
            throw CallFailure.answered(
                    CallFailure.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
        }
    }

    /** It is to hear what is wrong before it is turned away. */
    @Override
    public void answered() {
        Failure wrong = wrongName;
        if (wrong != null) {
            name.completeExceptionally(wrong);
        }
    }

    private UpdateContainersResponse update(UpdateContainersRequest request) {
        node.evict(request.getEvictList());
        List<ContainerUpdate> failed = node.update(request.getUpdateList());
        return UpdateContainersResponse.newBuilder().addAllFailed(failed).build();
    }
}
