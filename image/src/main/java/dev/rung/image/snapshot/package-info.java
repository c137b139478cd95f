/**
 * Layers unpacked once, and the writable folders that containers have on top of them: overlays
 * where the kernel mounts them, else copies.
 */
package dev.rung.image.snapshot;
