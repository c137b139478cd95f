package dev.rung.nri.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.rung.nri.Pair;
import dev.rung.nri.v1alpha1.Empty;
import dev.rung.nri.v1alpha1.RegisterPluginRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LinkTests {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static void nothing() {
        // nobody waits for that
    }

    private static MessageLite nobody(String service, String method, ByteString request)
            throws CallFailure {
        throw CallFailure.answered(CallFailure.UNIMPLEMENTED, "no " + service + "." + method);
    }

    /** Says again what it was told. */
    private static MessageLite echo(String service, String method, ByteString request)
            throws CallFailure {
        return Link.parse(RegisterPluginRequest.getDefaultInstance(), request);
    }

    private static Link runtime(Pair pair, Runnable ended) {
        var link = new Link(pair.one(), Link.TO_PLUGIN, Link.TO_RUNTIME, LinkTests::nobody, ended);
        link.start();
        return link;
    }

    private static Link plugin(Pair pair) {
        var link =
                new Link(
                        pair.other(),
                        Link.TO_RUNTIME,
                        Link.TO_PLUGIN,
                        LinkTests::echo,
                        LinkTests::nothing);
        link.start();
        return link;
    }

    @Test
    void shouldCallInBothDirections() throws Exception {
        var pair = Pair.open();
        try (var runtime = runtime(pair, LinkTests::nothing);
                var plugin = plugin(pair)) {
            var said = RegisterPluginRequest.newBuilder().setPluginName("x".repeat(9000)).build();
            for (int i = 0; i < 10; i++) {
                ByteString heard = runtime.call("S", "M", said, PATIENCE);
                assertThat(Link.parse(RegisterPluginRequest.getDefaultInstance(), heard))
                        .isEqualTo(said);
            }
            assertThatThrownBy(() -> plugin.call("S", "M", said, PATIENCE))
                    .isInstanceOf(CallFailure.class)
                    .hasMessage("no S.M")
                    .extracting(e -> ((CallFailure) e).isLost())
                    .isEqualTo(false);
        }
    }

    @Test
    void shouldRefuseToSendMoreThanAMessageHolds() throws Exception {
        var pair = Pair.open();
        try (var runtime = runtime(pair, LinkTests::nothing);
                var _ = plugin(pair)) {
            var said =
                    RegisterPluginRequest.newBuilder().setPluginName("x".repeat(4 << 20)).build();
            assertThatThrownBy(() -> runtime.call("S", "M", said, PATIENCE))
                    .isInstanceOf(CallFailure.class)
                    .hasMessageContaining("more than a message holds");
            assertThat(runtime.isClosed()).isFalse();
        }
    }

    @Test
    void shouldEndWithWhoDoesNotAnswer() throws Exception {
        var pair = Pair.open();
        var ended = new CountDownLatch(1);
        try (var runtime = runtime(pair, ended::countDown)) {
            assertThatThrownBy(() ->
                            runtime.call(
                                    "S", "M", Empty.getDefaultInstance(), Duration.ofMillis(50)))
                    .isInstanceOf(CallFailure.class)
                    .hasMessage("no answer to M in 50 ms")
                    .extracting(e -> ((CallFailure) e).isLost())
                    .isEqualTo(true);
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            pair.other().close();
        }
    }

    @Test
    void shouldEndWithWhoDoesNotRead() throws Exception {
        var pair = Pair.open();
        try (var runtime = runtime(pair, LinkTests::nothing)) {
            var said =
                    RegisterPluginRequest.newBuilder().setPluginName("x".repeat(3 << 20)).build();
            assertThatThrownBy(() -> runtime.call("S", "M", said, Duration.ofMillis(50)))
                    .isInstanceOf(CallFailure.class);
            assertThat(runtime.isClosed()).isTrue();
        } finally {
            pair.other().close();
        }
    }

    @Test
    void shouldEndWithWhoBreaksTheProtocol() throws Exception {
        for (byte[] bytes :
                new byte[][] {
                    {0, 0, 0, 1, -1, 0, 0, 0}, // a piece longer than any
                    {0, 0, 0, 1, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0}, // no answer
                    {0, 0, 0, 2, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0}, // an even stream
                    {0, 0, 0, 2, 0, 0, 0, 11, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 7}, // no request
                }) {
            var pair = Pair.open();
            var ended = new CountDownLatch(1);
            try (var _ = runtime(pair, ended::countDown)) {
                write(pair, bytes);
                assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
            } finally {
                pair.other().close();
            }
        }
    }

    @Test
    void shouldPassOverConnectionsThatNobodyHas() throws Exception {
        var pair = Pair.open();
        try (var runtime = runtime(pair, LinkTests::nothing);
                var _ = plugin(pair)) {
            write(pair, new byte[] {0, 0, 0, 9, 0, 0, 0, 2, 1, 2});
            runtime.call("S", "M", Empty.getDefaultInstance(), PATIENCE);
        }
    }

    private static void write(Pair pair, byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            pair.other().write(buffer);
        }
    }
}
