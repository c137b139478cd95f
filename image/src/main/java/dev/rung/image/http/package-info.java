/**
 * HTTP/1.1 for registries, by hand on blocking sockets: bytes go from the socket to the disk
 * without queues between, a read that stalls ends by itself, an interrupted thread lets go, and
 * nothing of it stays in memory after a pull. One request at a time a connection, kept for the next
 * while its {@link HttpConnections} is open. Must know nothing of registries.
 */
package dev.rung.image.http;
