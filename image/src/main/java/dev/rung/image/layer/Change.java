package dev.rung.image.layer;

import dev.rung.domain.KernelPath;

/** A difference between a container's files and its image's; the path begins with a slash. */
public record Change(Kind kind, KernelPath path) {
    public enum Kind {
        CHANGED('C'),
        ADDED('A'),
        DELETED('D');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }

        /** As in the output of docker diff. */
        public char letter() {
            return letter;
        }
    }
}
