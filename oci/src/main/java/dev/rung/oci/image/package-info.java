/**
 * Records of the OCI image specification 1.1 and of Docker's image manifest version 2, schema 2,
 * which says the same with other media types. Read strictly, with errors that name document and
 * key; what is stored and hashed is always the raw text, never what these records write.
 *
 * <p>An absent optional text is null, an absent list or map is empty; unknown fields are ignored,
 * as the specification asks. Must not touch files: callers pass bytes.
 */
package dev.rung.oci.image;
