/**
 * Plug-ins of the node resource interface: who they are, what they are told and in which order,
 * what several of them want of one container together. Knows nothing of who makes containers.
 */
package dev.rung.nri;
