/** runtime.v1 over the engine: each method is a translation of what the engine does anyway. */
package dev.rung.cri;
