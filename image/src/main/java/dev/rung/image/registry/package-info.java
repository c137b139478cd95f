/**
 * Registries by the OCI distribution specification 1.1: pull, push, tags, referrers; who we are to
 * them, and which hosts stand for them. A registry is hostile until its bytes have been hashed:
 * answers are bounded, sizes and digests checked while they come, and credentials go only to the
 * host that they are for.
 */
package dev.rung.image.registry;
