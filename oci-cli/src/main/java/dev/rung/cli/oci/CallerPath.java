package dev.rung.cli.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;

/** Paths that the caller named. */
final class CallerPath {
    private CallerPath() {}

    /** Absolute, and without "", "." and ".."; links are not looked at, as in Go's filepath.Abs. */
    static String absolute(String workingDirectory, String path) {
        var parts = new ArrayList<String>();
        if (!path.startsWith("/")) {
            add(parts, workingDirectory);
        }
        add(parts, path);
        return "/" + String.join("/", parts);
    }

    private static void add(List<String> parts, String path) {
        var each = new StringTokenizer(path, "/");
        while (each.hasMoreTokens()) {
            String part = each.nextToken();
            if (part.equals("..")) {
                if (!parts.isEmpty()) {
                    parts.removeLast();
                }
            } else if (!part.equals(".")) {
                parts.add(part);
            }
        }
    }
}
