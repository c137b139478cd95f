/** Records of the OCI runtime specification, read strictly, with errors that name file and key. */
package dev.rung.oci;
