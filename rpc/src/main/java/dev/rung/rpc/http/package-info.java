/**
 * A server of HTTP/1.1 (RFC 9110, RFC 9112) on sockets of java.nio: a virtual thread for each
 * connection, bodies as streams, connections that are taken over for something else. Whoever
 * connects is hostile: heads are bounded, everything has a time, and a request that can be read in
 * two ways is refused.
 */
package dev.rung.rpc.http;
