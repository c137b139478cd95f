package dev.rung.cli.oci;

import dev.rung.oci.Mount;
import dev.rung.oci.RuntimeConfig;
import java.nio.charset.StandardCharsets;

/** Where a user is at home by a passwd(5) file. */
final class HomeFolder {
    private static final String ABSENT = "/";
    private static final String PASSWD = "/etc/passwd";

    private HomeFolder() {}

    /** The home of the user, "/" when the file does not know it. */
    static String of(long uid, byte[] passwd) {
        String text = new String(passwd, StandardCharsets.UTF_8);
        String wanted = Long.toString(uid);
        int at = 0;
        while (at < text.length()) {
            int end = text.indexOf('\n', at);
            if (end < 0) {
                end = text.length();
            }
            String[] fields = text.substring(at, end).split(":", 7);
            if (fields.length >= 6 && fields[2].equals(wanted)) {
                return fields[5].isEmpty() ? ABSENT : fields[5];
            }
            at = end + 1;
        }
        return ABSENT;
    }

    /** Whether the environment leaves it to us. */
    static boolean isAsked(RuntimeConfig config) {
        for (String variable : config.process().env()) {
            if (variable.startsWith("HOME=") && variable.length() > 5) {
                return false;
            }
        }
        return true;
    }

    /** Whether a mount hides the file that the root file system has. */
    static boolean isHidden(RuntimeConfig config) {
        for (Mount mount : config.mounts()) {
            String path = CallerPath.absolute("/", mount.destination());
            if (path.equals("/") || path.equals(PASSWD) || PASSWD.startsWith(path + "/")) {
                return true;
            }
        }
        return false;
    }
}
