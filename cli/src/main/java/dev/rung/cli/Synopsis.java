package dev.rung.cli;

/**
 * How a command is called, and what for: what its usage and the list of commands say of it.
 *
 * @param name such as: volume ls
 * @param words what may follow the name, such as: [OPTIONS] CONTAINER [CONTAINER...]
 * @param about one line
 */
record Synopsis(String name, String words, String about, WordCount count) {
    /** The line that shows how it is called. */
    String usage() {
        return "Usage:  rung " + name + " " + words;
    }
}
