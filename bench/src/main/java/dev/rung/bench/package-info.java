/** Benchmarks against the peers. */
package dev.rung.bench;
