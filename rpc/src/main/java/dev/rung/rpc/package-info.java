/** What all interfaces share, whatever they speak. Knows nothing of the engine. */
package dev.rung.rpc;
