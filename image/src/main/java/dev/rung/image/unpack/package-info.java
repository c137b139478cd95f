/**
 * Where layers are unpacked: apart, in a process that has only the rights that it takes. Its side
 * and ours speak as {@link dev.rung.image.unpack.UnpackWire} says.
 */
package dev.rung.image.unpack;
