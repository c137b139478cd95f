package dev.rung.image.layer;

/**
 * What one layer may take before it counts as an attack.
 *
 * @param bytes of content, as stored in the archive without its compression
 * @param entries files, folders, links and whiteouts
 */
public record UnpackLimits(long bytes, long entries) {
    /** 128 GiB and 8 million files, which no honest layer has. */
    public static final UnpackLimits USUAL = new UnpackLimits(128L << 30, 8_000_000);
}
