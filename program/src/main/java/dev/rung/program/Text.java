package dev.rung.program;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.domain.RawText;

/** A text that the kernel reads up to its NUL: a path, a name, an argument. */
public sealed interface Text permits Hole, Text.Utf8, Text.Raw {
    Text EMPTY = new Utf8("");

    /** Invalid when it holds a NUL, which would cut it short for the kernel. */
    static Text of(String text) {
        return new Utf8(text);
    }

    static Text of(KernelPath path) {
        return new Raw(path);
    }

    /** A text as a String: UTF-8, or what {@link RawText} made of other bytes. */
    record Utf8(String text) implements Text {
        public Utf8 {
            if (text.indexOf('\0') >= 0) {
                throw new Failure.Invalid(
                        "\"" + Printable.of(text) + "\": a NUL byte inside a path or name");
            }
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Utf8 utf8 && utf8.text.equals(text);
        }

        @Override
        public int hashCode() {
            return text.hashCode();
        }
    }

    /** A text as bytes. */
    record Raw(KernelPath path) implements Text {
        @Override
        public boolean equals(Object other) {
            return other instanceof Raw raw && raw.path.equals(path);
        }

        @Override
        public int hashCode() {
            return path.hashCode();
        }
    }
}
