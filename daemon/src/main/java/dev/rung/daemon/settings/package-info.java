/**
 * What the person who runs the engine has written down: rung.toml, and daemon.json in Docker's
 * words. Read strictly: a key that nobody knows is refused with file and key.
 */
@NullMarked
package dev.rung.daemon.settings;

import org.jspecify.annotations.NullMarked;
