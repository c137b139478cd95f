package dev.rung.build;

import dev.rung.domain.Digest;

/**
 * Is told how a build goes. Called by one thread at a time, but not always by the same; it may
 * wait, which the build does too.
 */
public interface BuildListener {
    /** Text of Docker's builder, or what RUN wrote to stdout, with its line ends. */
    void text(String text);

    /** What RUN wrote to stderr, and warnings. */
    void error(String text);

    /** The image that a stage has made. */
    void made(Digest id);
}
