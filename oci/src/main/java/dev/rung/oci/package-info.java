/**
 * Records of the OCI runtime specification 1.3 for Linux, read strictly, with errors that name file
 * and key.
 *
 * <p>An absent optional text or number is null (0 and absent differ for most resources), an absent
 * list or map is empty; JSON null and the empty text count as absent, as they do for runc. Unknown
 * fields are ignored, as the specification asks. Field names match exactly, also in their case. No
 * text holds a NUL unless its record says so. Must not touch files: callers pass bytes.
 */
package dev.rung.oci;
