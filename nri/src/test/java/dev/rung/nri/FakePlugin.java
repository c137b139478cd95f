package dev.rung.nri;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.rung.nri.v1alpha1.ConfigureResponse;
import dev.rung.nri.v1alpha1.Empty;
import dev.rung.nri.v1alpha1.RegisterPluginRequest;
import dev.rung.nri.wire.CallFailure;
import dev.rung.nri.wire.Link;
import dev.rung.nri.wire.Service;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A plug-in in this JVM that answers what a test says. */
final class FakePlugin implements AutoCloseable {
    final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private final Link link;
    private final Service answers;
    private volatile int events;

    FakePlugin(SocketChannel channel, Service answers) {
        this.answers = answers;
        link = new Link(channel, Link.TO_RUNTIME, Link.TO_PLUGIN, this::answer, () -> {});
        link.start();
    }

    FakePlugin hearing(int mask) {
        events = mask;
        return this;
    }

    private MessageLite answer(String service, String method, ByteString request)
            throws CallFailure {
        heard.add(method);
        if (method.equals("Configure")) {
            return ConfigureResponse.newBuilder().setEvents(events).build();
        }
        return answers.answer(service, method, request);
    }

    void register(String index, String name) throws CallFailure {
        link.call(
                "nri.pkg.api.v1alpha1.Runtime",
                "RegisterPlugin",
                RegisterPluginRequest.newBuilder().setPluginIdx(index).setPluginName(name).build(),
                Duration.ofSeconds(10));
    }

    static MessageLite nothing(String service, String method, ByteString request) {
        return Empty.getDefaultInstance();
    }

    @Override
    public void close() {
        link.close();
    }
}
