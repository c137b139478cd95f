import org.jspecify.annotations.NullMarked;

/**
 * The Kubernetes container runtime interface: gRPC, translated to the engine's words. What gRPC is
 * made of tells the module system nothing of its needs, so they stand here.
 */
@NullMarked
module dev.rung.cri {
    requires static org.jspecify;
    requires dev.rung.domain;
    requires dev.rung.linux;
    requires dev.rung.oci;
    requires dev.rung.network;
    requires dev.rung.image;
    requires dev.rung.engine;
    requires dev.rung.rpc;
    requires dev.rung.cri.proto;
    requires transitive dev.rung.nri;
    requires com.google.common.util.concurrent.internal;
    requires com.google.gson;
    requires io.grpc;
    requires io.grpc.netty;
    requires io.grpc.protobuf.lite;
    requires io.grpc.stub;
    requires io.netty.buffer;
    requires io.netty.codec.http; // of which SPDY
    requires io.netty.codec.http2;
    requires io.netty.handler.proxy;
    requires io.netty.transport;
    requires io.netty.common;

    exports dev.rung.cri;
}
