package dev.rung.nri.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.rung.nri.ttrpc.Request;
import dev.rung.nri.ttrpc.Response;
import dev.rung.nri.ttrpc.Status;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One side of what leads to a plug-in, or to its runtime: calls over ttrpc in both directions. A
 * side that reads no more, or breaks the protocol, ends it.
 */
public final class Link implements AutoCloseable {
    /** The connection on which plug-ins are called. */
    public static final int TO_PLUGIN = 1;

    /** The connection on which the runtime is called. */
    public static final int TO_RUNTIME = 2;

    /** How many calls of the other side are worked on at once. */
    private static final int CALLS = 16;

    private static final int WAITING = 64;
    private static final Piece LAST = new Piece(0, new byte[0]);

    /**
     * What an answer may be late: who uses all of the time that it was told is still heard then.
     */
    private static final Duration GRACE = Duration.ofMillis(500);

    private final SocketChannel channel;
    private final int calling;
    private final int called;
    private final Service service;
    private final Runnable ended;
    private final BlockingQueue<Piece> waiting = new ArrayBlockingQueue<>(WAITING);
    private final Map<Integer, CompletableFuture<Response>> calls = new ConcurrentHashMap<>();
    private final AtomicInteger lastStream = new AtomicInteger(-1);
    private final Semaphore free = new Semaphore(CALLS);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread reader = Thread.ofVirtual().name("nri read").unstarted(this::read);
    private final Thread writer = Thread.ofVirtual().name("nri write").unstarted(this::write);

    /**
     * Over this channel, which it closes at the end.
     *
     * @param calling the connection on which this side calls
     * @param called the connection on which it is called
     * @param service what the other side may call
     * @param ended is run once, on a thread of its own, when there is nobody at the other side
     */
    public Link(SocketChannel channel, int calling, int called, Service service, Runnable ended) {
        this.channel = channel;
        this.calling = calling;
        this.called = called;
        this.service = service;
        this.ended = ended;
    }

    /** Begins to listen. */
    public void start() {
        reader.start();
        writer.start();
    }

    private void write() {
        try {
            Piece piece = waiting.take();
            while (piece.connection() != LAST.connection()) {
                ByteBuffer bytes = piece.encoded();
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                piece = waiting.take();
            }
            end("closed");
        } catch (IOException e) {
            end("write: " + e.getMessage());
        } catch (InterruptedException _) {
            end("interrupted");
        }
    }

    private void read() {
        var ofAnswers = new Assembly();
        var ofCalls = new Assembly();
        try (var in =
                new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel)))) {
            for (Piece piece = Piece.read(in); piece != null; piece = Piece.read(in)) {
                if (piece.connection() == calling) {
                    for (Message message : ofAnswers.add(piece.bytes())) {
                        answered(message);
                    }
                } else if (piece.connection() == called) {
                    for (Message message : ofCalls.add(piece.bytes())) {
                        called(message);
                    }
                } // nobody is there on other connections
            }
            end("connection closed");
        } catch (IOException e) {
            end(String.valueOf(e.getMessage()));
        }
    }

    private void answered(Message message) throws IOException {
        if (message.type() != Message.RESPONSE) {
            throw new ProtocolViolation("a message of type " + message.type() + " for an answer");
        }
        Response response = Response.parseFrom(message.body());
        CompletableFuture<Response> call = calls.remove(message.stream());
        if (call != null) { // else it comes too late
            call.complete(response);
        }
    }

    private void called(Message message) throws IOException {
        if (message.type() != Message.REQUEST || (message.stream() & 1) == 0) {
            throw new ProtocolViolation(
                    "a message of type "
                            + message.type()
                            + " in stream "
                            + Integer.toUnsignedLong(message.stream())
                            + ", want a request in an odd one");
        }
        Request request = Request.parseFrom(message.body());
        if (!free.tryAcquire()) {
            throw new ProtocolViolation("more than " + CALLS + " calls at once");
        }
        Thread.ofVirtual()
                .name("nri call")
                .start(() -> {
                    try {
                        answer(message.stream(), request);
                    } finally {
                        free.release();
                    }
                });
    }

    private void answer(int stream, Request request) {
        var response = Response.newBuilder();
        try {
            response.setPayload(
                    service.answer(request.getService(), request.getMethod(), request.getPayload())
                            .toByteString());
        } catch (CallFailure e) {
            response.setStatus(Status.newBuilder().setCode(e.code()).setMessage(e.getMessage()));
        } catch (RuntimeException e) {
            response.setStatus(
                    Status.newBuilder()
                            .setCode(CallFailure.UNKNOWN)
                            .setMessage(String.valueOf(e.getMessage())));
        }
        byte[] body = response.build().toByteArray();
        try {
            send(called, new Message(stream, Message.RESPONSE, 0, body), GRACE);
        } catch (CallFailure e) {
            end(e.getMessage());
        }
        service.answered();
    }

    /**
     * Calls the other side, and waits for its answer.
     *
     * @param patience the other side is told of it
     * @throws CallFailure as it answered; or when it has not answered in time or is gone, and then
     *     this link has ended
     */
    public ByteString call(String name, String method, MessageLite request, Duration patience)
            throws CallFailure {
        byte[] body =
                Request.newBuilder()
                        .setService(name)
                        .setMethod(method)
                        .setPayload(request.toByteString())
                        .setTimeoutNano(patience.toNanos())
                        .build()
                        .toByteArray();
        if (body.length > Message.LONGEST_BODY) {
            throw CallFailure.answered(
                    CallFailure.RESOURCE_EXHAUSTED,
                    method + " takes " + body.length + " bytes, more than a message holds");
        }
        int stream = lastStream.addAndGet(2);
        var answer = new CompletableFuture<Response>();
        calls.put(stream, answer);
        try {
            send(calling, new Message(stream, Message.REQUEST, 0, body), patience);
            if (closed.get()) {
                throw CallFailure.lost("connection closed", null);
            }
            long time = patience.plus(GRACE).toMillis();
            Response response = answer.get(time, TimeUnit.MILLISECONDS);
            if (response.getStatus().getCode() != 0) {
                throw CallFailure.answered(
                        response.getStatus().getCode(), response.getStatus().getMessage());
            }
            return response.getPayload();
        } catch (TimeoutException _) {
            String why = "no answer to " + method + " in " + patience.toMillis() + " ms";
            end(why);
            throw CallFailure.lost(why, null);
        } catch (ExecutionException e) {
            throw CallFailure.lost(String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CallFailure.lost("interrupted", e);
        } finally {
            calls.remove(stream);
        }
    }

    /** Reads what a call was answered with. */
    public static <T extends MessageLite> T parse(T kind, ByteString bytes) throws CallFailure {
        try {
            @SuppressWarnings("unchecked") // a message's own parser makes such messages
            T message = (T) kind.getParserForType().parseFrom(bytes);
            return message;
        } catch (InvalidProtocolBufferException e) {
            throw CallFailure.lost("a damaged message: " + e.getMessage(), e);
        }
    }

    /**
     * Head and body go in pieces of their own: who reads with a buffer of 4 KiB takes a longer
     * piece only when it asks for as many bytes.
     */
    private void send(int connection, Message message, Duration patience) throws CallFailure {
        offer(
                new Piece(connection, message.head()),
                new Piece(connection, message.body()),
                patience);
    }

    private synchronized void offer(Piece head, Piece body, Duration patience) throws CallFailure {
        try {
            boolean taken = waiting.offer(head, patience.toMillis(), TimeUnit.MILLISECONDS);
            if (taken && body.bytes().length > 0) {
                taken = waiting.offer(body, patience.toMillis(), TimeUnit.MILLISECONDS);
            }
            if (!taken) {
                end("it does not read");
                throw CallFailure.lost("it does not read", null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CallFailure.lost("interrupted", e);
        }
    }

    private void end(String why) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            channel.close();
        } catch (IOException _) {
            // it is closed all the same
        }
        writer.interrupt();
        for (CompletableFuture<Response> call : calls.values()) {
            call.completeExceptionally(new IOException(why));
        }
        Thread.ofVirtual().name("nri end").start(ended);
    }

    public boolean isClosed() {
        return closed.get();
    }

    /** Ends when what is on its way has been written, or cannot be in a moment. */
    public void finish() {
        try {
            if (waiting.offer(LAST)) {
                writer.join(GRACE);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        close();
    }

    @Override
    public void close() {
        end("closed");
    }
}
