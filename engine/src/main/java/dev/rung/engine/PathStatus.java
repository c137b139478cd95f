package dev.rung.engine;

import dev.rung.linux.FileStatus;

/**
 * A file in a container.
 *
 * @param name the last part of the path that was asked for
 * @param link what it says, for a symbolic link; empty otherwise
 */
public record PathStatus(String name, FileStatus file, String link) {}
