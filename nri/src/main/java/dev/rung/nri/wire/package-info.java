/**
 * How a plug-in is spoken with: one stream of bytes that is divided into two connections, on each
 * of which ttrpc calls go one way. All that comes is a stranger's, and bounded.
 */
package dev.rung.nri.wire;
