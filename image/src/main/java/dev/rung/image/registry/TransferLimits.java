package dev.rung.image.registry;

/**
 * How much is asked of a registry at once, and how often.
 *
 * @param downloads layers of a pull at once
 * @param uploads pieces of a push at once
 * @param attempts to fetch a layer of which no more comes
 */
public record TransferLimits(int downloads, int uploads, int attempts) {
    /** Downloads of layers wait for registries more than for us, so some more than Docker's 3. */
    public static final TransferLimits USUAL = new TransferLimits(6, 5, 5);

    /** The usual ones with as many attempts. */
    static TransferLimits of(Backoff backoff) {
        return new TransferLimits(USUAL.downloads, USUAL.uploads, backoff.attempts());
    }
}
