package dev.rung.nri;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.nri.v1alpha1.ConfigureRequest;
import dev.rung.nri.v1alpha1.ConfigureResponse;
import dev.rung.nri.v1alpha1.Container;
import dev.rung.nri.v1alpha1.Empty;
import dev.rung.nri.v1alpha1.Event;
import dev.rung.nri.v1alpha1.PodSandbox;
import dev.rung.nri.v1alpha1.StateChangeEvent;
import dev.rung.nri.wire.CallFailure;
import dev.rung.nri.wire.Link;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One plug-in that has said who it is. */
final class Plugin {
    static final String SERVICE = "nri.pkg.api.v1alpha1.Plugin";

    /** The version of the interface that is spoken here. */
    static final String VERSION = "v0.12.0";

    private static final System.Logger LOGGER = System.getLogger("dev.rung.nri");
    private static final Duration LEAVING = Duration.ofMillis(200);
    private static final int ALL_EVENTS = (1 << Event.LAST_VALUE - 1) - 1;

    private final PluginName name;
    private final Link link;
    private final Duration patience;
    private final Set<Event> tellsOfState = EnumSet.noneOf(Event.class);
    private int events;

    Plugin(PluginName name, Link link, Duration patience) {
        this.name = name;
        this.link = link;
        this.patience = patience;
    }

    PluginName name() {
        return name;
    }

    boolean isGone() {
        return link.isClosed();
    }

    /** Tells it that the runtime ends, and lets go of it, whatever it says. */
    void close() {
        try {
            link.call(SERVICE, "Shutdown", Empty.getDefaultInstance(), LEAVING);
        } catch (CallFailure _) {
            // it hears of it by the end of the connection
        }
        link.close();
    }

    /** Tells it what it is configured with; it tells which events it wants to hear of. */
    void configure(ConfigureRequest request) throws CallFailure {
        int asked = call("Configure", request, ConfigureResponse.getDefaultInstance()).getEvents();
        if ((asked & ~ALL_EVENTS) != 0) {
            throw CallFailure.answered(
                    CallFailure.INVALID_ARGUMENT,
                    "invalid plugin events: 0x" + Integer.toHexString(asked & ~ALL_EVENTS));
        }
        events = asked == 0 ? ALL_EVENTS : asked;
    }

    /** Whether it wants to hear of that. */
    boolean hears(Event event) {
        return !isGone() && (events >> event.getNumber() - 1 & 1) == 1;
    }

    <T extends MessageLite> T call(String method, MessageLite request, T answer)
            throws CallFailure {
        ByteString bytes = link.call(SERVICE, method, request, patience);
        return Link.parse(answer, bytes);
    }

    /**
     * Asks it, if it wants to hear of that.
     *
     * @return null when it has no say: one that does not answer is none any more
     * @throws Failure.Denied as it says
     */
    <T extends MessageLite> @Nullable T ask(
            Event event, String method, MessageLite request, T answer) {
        if (!hears(event)) {
            return null;
        }
        try {
            return call(method, request, answer);
        } catch (CallFailure e) {
            failed(method, e);
            return null;
        }
    }

    /** Tells it; those of versions before 0.10 hear of all by one method. */
    void tell(
            Event event,
            String method,
            MessageLite request,
            PodSandbox pod,
            @Nullable Container container) {
        if (!hears(event)) {
            return;
        }
        try {
            if (!tellsOfState.contains(event)) {
                try {
                    call(method, request, Empty.getDefaultInstance());
                    return;
                } catch (CallFailure e) {
                    if (e.code() != CallFailure.UNIMPLEMENTED) {
                        throw e;
                    }
                    tellsOfState.add(event);
                }
            }
            var change = StateChangeEvent.newBuilder().setEvent(event).setPod(pod);
            if (container != null) {
                change.setContainer(container);
            }
            call("StateChange", change.build(), Empty.getDefaultInstance());
        } catch (CallFailure e) {
            failed(method, e);
        }
    }

    /** One that is lost keeps nobody from anything; what one says counts. */
    private void failed(String method, CallFailure e) {
        if (e.isLost()) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "NRI plug-in " + name + " is dropped: " + method + ": " + e.getMessage());
            link.close();
            return;
        }
        throw new Failure.Denied(
                "NRI plug-in " + name + ": " + method + ": " + Printable.of(e.getMessage()));
    }
}
