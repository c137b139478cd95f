package dev.rung.host.compile;

/** Paths as text, without looking at any file. */
final class CleanPath {
    private CleanPath() {}

    /**
     * The shortest absolute path that means the same below a root: no empty component, no ".", and
     * ".." taken back, never above "/". A relative path is meant from "/".
     */
    static String absolute(String path) {
        if (isClean(path)) {
            return path;
        }
        var clean = new StringBuilder(path.length() + 1);
        int at = 0;
        while (at < path.length()) {
            int end = path.indexOf('/', at);
            if (end < 0) {
                end = path.length();
            }
            int length = end - at;
            if (length == 2 && path.startsWith("..", at)) {
                clean.setLength(Math.max(0, clean.lastIndexOf("/")));
            } else if (length > 0 && !(length == 1 && path.charAt(at) == '.')) {
                clean.append('/').append(path, at, end);
            }
            at = end + 1;
        }
        return clean.isEmpty() ? "/" : clean.toString();
    }

    private static boolean isClean(String path) {
        int length = path.length();
        if (length < 2 || path.charAt(0) != '/' || path.charAt(length - 1) == '/') {
            return path.equals("/");
        }
        for (int i = 0; i < length - 1; i++) {
            if (path.charAt(i) == '/') {
                char next = path.charAt(i + 1);
                if (next == '/' || next == '.') {
                    return false; // "/.hidden" too: the slow way gives the same
                }
            }
        }
        return true;
    }

    /** A path as it is when it begins at "/", else below the folder, which is absolute. */
    static String from(String folder, String path) {
        return path.startsWith("/") ? path : absolute(folder + "/" + path);
    }

    /** Whether a clean path is the folder, also clean, or lies below it. */
    static boolean isWithin(String path, String folder) {
        return path.startsWith(folder)
                && (path.length() == folder.length()
                        || folder.equals("/")
                        || path.charAt(folder.length()) == '/');
    }

    /** The last component of a clean path, empty for "/". */
    static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The path without its last component; "/" for what lies below "/". */
    static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }
}
