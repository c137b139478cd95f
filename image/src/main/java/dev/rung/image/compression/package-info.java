/** How layers and archives are compressed: told by their first bytes, undone as a stream. */
package dev.rung.image.compression;
