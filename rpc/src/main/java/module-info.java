import org.jspecify.annotations.NullMarked;

/** How other programs speak to the engine: HTTP, WebSocket, and what a failure is there. */
@NullMarked
module dev.rung.rpc {
    requires static org.jspecify;
    requires transitive dev.rung.domain;
    requires jdk.net;

    exports dev.rung.rpc;
    exports dev.rung.rpc.http;
    exports dev.rung.rpc.websocket;
}
