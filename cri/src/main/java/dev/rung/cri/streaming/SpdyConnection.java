package dev.rung.cri.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The server's side of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00) as Kubernetes uses it: streams that
 * clients open, without flow control, which its clients do not know either.
 */
final class SpdyConnection implements AutoCloseable {
    private static final int PART = 16 * 1024;
    private static final int MOST_STREAMS = 1000;

    private final Pipe pipe;
    private final EmbeddedChannel decoder =
            new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
    private final EmbeddedChannel encoder =
            new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
    private final Map<Integer, SpdyStream> streams = new ConcurrentHashMap<>();

    SpdyConnection(Pipe pipe) {
        this.pipe = pipe;
    }

    /**
     * Reads until the client goes; all streams end then.
     *
     * @param opened is told of each stream, and must not wait for it
     */
    void serve(Consumer<SpdyStream> opened) {
        ByteBuffer part = ByteBuffer.allocate(PART);
        try {
            while (pipe.read(part.clear()) >= 0) {
                decoder.writeInbound(Unpooled.copiedBuffer(part.flip()));
                Object frame;
                while ((frame = decoder.readInbound()) != null) {
                    try {
                        take(frame, opened);
                    } finally {
                        ReferenceCountUtil.release(frame);
                    }
                }
            }
        } catch (IOException _) {
            // it has gone
        } finally {
            streams.values().forEach(SpdyStream::ended);
        }
    }

    private void take(Object frame, Consumer<SpdyStream> opened) throws IOException {
        switch (frame) {
            case SpdySynStreamFrame begin -> {
                if (begin.isInvalid() || streams.size() >= MOST_STREAMS) {
                    throw new IOException("a stream that cannot be opened");
                }
                var headers = begin.headers();
                var stream = new SpdyStream(this, begin.streamId(), headers::getAsString);
                streams.put(begin.streamId(), stream);
                var reply = new DefaultSpdySynReplyFrame(begin.streamId());
                // without any, the block would be empty, which Go's reader takes for a broken one
                reply.headers().set("server", "rung");
                send(reply);
                if (begin.isLast()) {
                    stream.ended();
                }
                opened.accept(stream);
            }
            case SpdyDataFrame data -> {
                SpdyStream stream = streams.get(data.streamId());
                if (stream != null) {
                    byte[] bytes = new byte[data.content().readableBytes()];
                    data.content().readBytes(bytes);
                    stream.received(ByteBuffer.wrap(bytes));
                    if (data.isLast()) {
                        stream.ended();
                    }
                }
            }
            case SpdyRstStreamFrame reset -> {
                SpdyStream stream = streams.remove(reset.streamId());
                if (stream != null) {
                    stream.ended();
                }
            }
            case SpdyPingFrame ping -> send(new DefaultSpdyPingFrame(ping.id()));
            default -> {} // settings, windows, goodbyes: nothing depends on them here
        }
    }

    /** Nobody needs the stream any more. */
    void forget(SpdyStream stream) {
        streams.remove(stream.id());
        stream.ignore();
    }

    void data(int stream, ByteBuffer bytes, boolean last) throws IOException {
        var frame = new DefaultSpdyDataFrame(stream, Unpooled.copiedBuffer(bytes));
        frame.setLast(last);
        send(frame);
    }

    private void send(Object frame) throws IOException {
        synchronized (encoder) {
            encoder.writeOutbound(frame);
            ByteBuf bytes;
            while ((bytes = encoder.readOutbound()) != null) {
                try {
                    pipe.write(bytes.nioBuffer());
                } finally {
                    bytes.release();
                }
            }
        }
    }

    /** Says goodbye: what was written arrives. */
    void finish() {
        pipe.finish();
    }

    @Override
    public void close() {
        pipe.close();
    }
}
