package dev.rung.cri;

import com.google.protobuf.MessageLite;
import dev.rung.domain.Failure;
import dev.rung.rpc.WireStatus;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The methods of one gRPC service, and what answers them. Those that it lacks are UNIMPLEMENTED.
 * gRPC calls these from the one thread that serves all clients; what may wait goes on in a virtual
 * thread of the call's own, once all of the request is there.
 */
final class ServiceTable {
    private final String service;
    private final ServerServiceDefinition.Builder methods;

    ServiceTable(String service) {
        this.service = service;
        this.methods = ServerServiceDefinition.builder(service);
    }

    ServerServiceDefinition build() {
        return methods.build();
    }

    /** A method that answers once. */
    <Q extends MessageLite, A extends MessageLite> ServiceTable answer(
            String name, Q request, A answer, Function<Q, A> act) {
        return answer(name, request, ProtoLiteUtils.marshaller(answer), act);
    }

    /** The same with answers that are encoded in a way of their own. */
    <Q extends MessageLite, A> ServiceTable answer(
            String name, Q request, Marshaller<A> answers, Function<Q, A> act) {
        methods.addMethod(
                descriptor(name, MethodType.UNARY, request, answers),
                ServerCalls.asyncUnaryCall((asked, observer) ->
                        Thread.ofVirtual().name(name).start(() -> answer(act, asked, observer))));
        return this;
    }

    /**
     * A method that answers without waiting for anybody, while the others wait: handing the call
     * over and its answer back would take as long.
     */
    <Q extends MessageLite, A> ServiceTable answerAtOnce(
            String name, Q request, Marshaller<A> answers, Function<Q, A> act) {
        methods.addMethod(
                descriptor(name, MethodType.UNARY, request, answers),
                ServerCalls.asyncUnaryCall((asked, observer) -> answer(act, asked, observer)));
        return this;
    }

    /**
     * What was asked, read by whoever answers it.
     *
     * @param bytes null where they are too many once they are unpacked
     */
    private record Asked<Q>(Marshaller<Q> messages, byte @Nullable [] bytes) {
        /** Invalid where the bytes are no such message. */
        Q orThrow() {
            if (bytes != null) {
                try {
                    return messages.parse(new ByteArrayInputStream(bytes));
                } catch (StatusRuntimeException _) {
                    // said below
                }
            }
            throw new Failure.Invalid("the request is no message of its type");
        }
    }

    private record AskedMarshaller<Q>(Marshaller<Q> messages) implements Marshaller<Asked<Q>> {
        @Override
        public InputStream stream(Asked<Q> asked) {
            return messages.stream(asked.orThrow());
        }

        @Override
        public Asked<Q> parse(InputStream stream) {
            try {
                return new Asked<>(messages, stream.readAllBytes());
            } catch (StatusRuntimeException _) {
                return new Asked<>(messages, null);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static <Q, A> void answer(
            Function<Q, A> act, Asked<Q> asked, StreamObserver<A> observer) {
        A answer;
        try {
            answer = act.apply(asked.orThrow());
        } catch (RuntimeException e) {
            observer.onError(status(e).asRuntimeException());
            return;
        } catch (Error e) {
            observer.onError(Status.INTERNAL.withDescription(e.toString()).asRuntimeException());
            throw e;
        }
        observer.onNext(answer);
        observer.onCompleted();
    }

    /** A method that answers as often as it likes; it runs in a thread of its own. */
    <Q extends MessageLite, A extends MessageLite> ServiceTable stream(
            String name, Q request, A answer, BiConsumer<Q, AnswerStream<A>> act) {
        return stream(name, request, ProtoLiteUtils.marshaller(answer), act);
    }

    /** The same with answers that are encoded in a way of their own. */
    <Q extends MessageLite, A> ServiceTable stream(
            String name, Q request, Marshaller<A> answers, BiConsumer<Q, AnswerStream<A>> act) {
        methods.addMethod(
                descriptor(name, MethodType.SERVER_STREAMING, request, answers),
                ServerCalls.asyncServerStreamingCall((asked, observer) -> {
                    var stream = new AnswerStream<A>((ServerCallStreamObserver<A>) observer);
                    // here it would keep gRPC from telling that there is room, or no client
                    Thread.ofVirtual()
                            .name("stream " + name)
                            .start(() -> stream(act, asked, stream, observer));
                }));
        return this;
    }

    private static <Q, A> void stream(
            BiConsumer<Q, AnswerStream<A>> act,
            Asked<Q> asked,
            AnswerStream<A> stream,
            StreamObserver<A> observer) {
        try {
            act.accept(asked.orThrow(), stream);
            if (stream.isOpen()) {
                observer.onCompleted();
            }
        } catch (RuntimeException e) {
            if (stream.isOpen()) {
                observer.onError(status(e).asRuntimeException());
            }
        }
    }

    private <Q extends MessageLite, A> MethodDescriptor<Asked<Q>, A> descriptor(
            String name, MethodType type, Q request, Marshaller<A> answers) {
        return MethodDescriptor.<Asked<Q>, A>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, name))
                .setRequestMarshaller(new AskedMarshaller<>(ProtoLiteUtils.marshaller(request)))
                .setResponseMarshaller(answers)
                .build();
    }

    private static Status status(RuntimeException e) {
        if (e instanceof UnacceptedImage) {
            return Status.UNKNOWN.withDescription(e.getMessage());
        }
        if (!(e instanceof Failure)) {
            System.getLogger("dev.rung.cri").log(System.Logger.Level.ERROR, "CRI", e);
        }
        String message = e.getMessage();
        return Status.fromCodeValue(WireStatus.of(e).grpc())
                .withDescription(message == null ? e.toString() : message);
    }
}
