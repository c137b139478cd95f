/**
 * Compiles an OCI runtime configuration into a program for a host, and keeps the lifecycle of its
 * containers.
 */
package dev.rung.host;
