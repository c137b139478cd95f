package dev.rung.build;

import java.util.ArrayList;
import java.util.List;

/** Paths in an image, by their text alone. */
final class DestinationPath {
    private DestinationPath() {}

    /** Absolute and plain; a relative one begins at the folder. */
    static String join(String folder, String path) {
        return "/" + String.join("/", parts(path.startsWith("/") ? path : folder + "/" + path));
    }

    /** Without "." and "..", as if the root were above itself. */
    static List<String> parts(String path) {
        var parts = new ArrayList<String>();
        for (String part : path.split("/")) {
            if (part.equals("..")) {
                if (!parts.isEmpty()) {
                    parts.removeLast();
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return parts;
    }

    /** Where a COPY goes: with a slash at its end when it is to be a folder. */
    static String destination(String workingDir, String asked) {
        String path = join(workingDir, asked);
        boolean folder = asked.endsWith("/") || asked.equals(".") || asked.endsWith("/.");
        return folder && !path.endsWith("/") ? path + "/" : path;
    }
}
