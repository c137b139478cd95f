/**
 * JSON by hand: a strict reader with limits, typed access to fields with errors that name file and
 * key, and a writer whose bytes look like those of Go's encoder. By hand because a library costs
 * more at the first call than all the rest of compiling a container; hence no regular expressions,
 * streams or pattern switches here.
 */
package dev.rung.oci.json;
