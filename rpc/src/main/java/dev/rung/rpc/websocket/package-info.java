/** The server's side of WebSocket (RFC 6455), on a connection that was taken over from HTTP. */
package dev.rung.rpc.websocket;
