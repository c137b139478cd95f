package dev.rung.image.http;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whom a server must be, and who we are to it.
 *
 * @param authorities files of certificates in PEM that are trusted besides the host's own
 * @param clientKeys what to show when the server asks
 * @param skipVerify takes any certificate for any name
 * @param connectTimeout null: the default
 */
public record Trust(
        List<Path> authorities,
        List<ClientKey> clientKeys,
        boolean skipVerify,
        @Nullable Duration connectTimeout) {
    /** The host's own authorities, and nothing of our own. */
    public static final Trust HOST = new Trust(List.of(), List.of(), false, null);

    /** Takes any certificate. */
    public static final Trust ANY = new Trust(List.of(), List.of(), true, null);

    /**
     * A certificate and its key, in PEM.
     *
     * @param key the same file when it holds both
     */
    public record ClientKey(Path certificate, Path key) {}
}
