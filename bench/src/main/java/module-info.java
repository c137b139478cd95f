import org.jspecify.annotations.NullMarked;

/** Benchmarks against the peers. What gRPC needs is named here as in room cri. */
@NullMarked
module dev.rung.bench {
    requires static org.jspecify;
    requires dev.rung.cri.proto;
    requires com.google.common.util.concurrent.internal;
    requires com.google.gson;
    requires io.grpc;
    requires io.grpc.netty;
    requires io.grpc.protobuf.lite;
    requires io.grpc.stub;
    requires io.netty.buffer;
    requires io.netty.codec.http2;
    requires io.netty.common;
    requires io.netty.handler.proxy;
    requires io.netty.transport;
}
