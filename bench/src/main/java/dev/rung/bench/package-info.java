/**
 * Speed and size beside the peers: one command, all contestants in the same run, in turn, because
 * only ratios mean something on a machine that does other things too.
 */
package dev.rung.bench;
