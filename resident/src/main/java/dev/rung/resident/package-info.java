/**
 * The warm JVM's side of the hand-over. A front end connects, sends its call and the files that
 * most calls need; the command line ({@link dev.rung.resident.Handler}) decides with what {@link
 * dev.rung.resident.Caller} gives it, and has programs run on the front end's side. Nothing here
 * opens a path that a caller named, and nothing is done with the rights of this process.
 *
 * <p>Frames are messages of a SOCK_SEQPACKET socket, little-endian: u32 type, u32 length of the
 * payload, payload. Texts and bytes in them are an u32 length and the bytes. {@code Frame} holds
 * each with its reading and writing; docs/formats/program.md draws them.
 */
package dev.rung.resident;
