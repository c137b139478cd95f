package dev.rung.cli.oci;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What this build is; the file is written by the build. */
final class Version {
    /** The runtime specification that this build follows. */
    static final String SPEC = "1.3.0";

    private Version() {}

    private static Properties build() {
        var build = new Properties();
        try (InputStream file = Version.class.getResourceAsStream("version.properties")) {
            if (file != null) {
                build.load(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return build;
    }

    static String number() {
        return build().getProperty("version", "unknown");
    }

    static String commit() {
        return build().getProperty("commit", "unknown");
    }

    /** The lines after "rung-oci version ", in the shape that dockerd and podman parse. */
    static String lines() {
        return number() + "\ncommit: " + commit() + "\nspec: " + SPEC + "\n";
    }
}
