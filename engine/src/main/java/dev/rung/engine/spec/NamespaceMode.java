package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;

/**
 * Whose namespace of one kind a container has.
 *
 * @param name the network or the container; empty unless the kind has one
 */
public record NamespaceMode(Kind kind, String name) {
    /** What was not asked for: the kind's own default. */
    public static final NamespaceMode DEFAULT = new NamespaceMode(Kind.DEFAULT, "");

    public static final NamespaceMode HOST = new NamespaceMode(Kind.HOST, "");

    public enum Kind {
        DEFAULT,
        PRIVATE,
        /** Of its own, with nothing in it: no network, no shared memory. */
        NONE,
        HOST,
        /** Of its own, for others to join. */
        SHAREABLE,
        /** That of another container. */
        CONTAINER,
        /** A network by name. */
        NETWORK
    }

    /** A mode as Docker writes it: "", private, none, host, shareable, container:NAME, NETWORK. */
    public static NamespaceMode parse(String text) {
        return switch (text) {
            case "", "default" -> DEFAULT;
            case "private" -> new NamespaceMode(Kind.PRIVATE, "");
            case "none" -> new NamespaceMode(Kind.NONE, "");
            case "host" -> HOST;
            case "shareable" -> new NamespaceMode(Kind.SHAREABLE, "");
            default -> named(text);
        };
    }

    private static NamespaceMode named(String text) {
        if (!text.startsWith("container:")) {
            return new NamespaceMode(Kind.NETWORK, text);
        }
        String name = text.substring("container:".length());
        if (name.isEmpty()) {
            throw new Failure.Invalid("invalid container format container:<name|id>");
        }
        return new NamespaceMode(Kind.CONTAINER, name);
    }

    /**
     * The same, where no network can be meant.
     *
     * @param option what the failure calls it, such as PID mode
     */
    public static NamespaceMode parse(String option, String text) {
        NamespaceMode mode = parse(text);
        if (mode.kind == Kind.NETWORK) {
            throw new Failure.Invalid("--" + option + ": invalid " + option + " mode");
        }
        return mode;
    }

    @Override
    public String toString() {
        return switch (kind) {
            case DEFAULT -> "";
            case PRIVATE -> "private";
            case NONE -> "none";
            case HOST -> "host";
            case SHAREABLE -> "shareable";
            case CONTAINER -> "container:" + name;
            case NETWORK -> Printable.of(name);
        };
    }
}
