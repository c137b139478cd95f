/** What every runtime offers to the engine, and the description of the host it stands on. */
package dev.rung.isolation;
