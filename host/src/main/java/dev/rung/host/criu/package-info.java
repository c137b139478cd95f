/**
 * What is said to criu and what it says: the messages of its "swrk" mode (criu's images/rpc.proto),
 * in the wire form of Protocol Buffers. Must not touch: files, sockets, processes.
 */
package dev.rung.host.criu;
