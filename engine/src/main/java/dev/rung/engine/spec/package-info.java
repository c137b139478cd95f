/**
 * What is asked of a container, in Docker's words: the names of the fields in JSON are those of the
 * Docker Engine API's Config and HostConfig, so that a record on disk, {@code inspect} and later
 * the API read alike. Each value is checked once, when it is read or made.
 */
package dev.rung.engine.spec;
