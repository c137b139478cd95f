package dev.rung.engine.config;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom a process runs as.
 *
 * @param groups supplementary ones, the main one first
 */
public record ProcessUser(long uid, long gid, List<Long> groups) {
    private static final long MOST = Integer.MAX_VALUE;

    /** As setgroups(2) takes them (limits.h of Linux, NGROUPS_MAX). */
    private static final int MOST_GROUPS = 65_536;

    /**
     * Finds a user in the files of a root file system, which are an image's, and hostile: a number
     * is never a name there, or whoever says that nobody may be root would be lied to
     * (CVE-2026-46680), and a file that is all lines or all names takes no more memory than it has
     * (CVE-2026-47262).
     *
     * @param user NAME|UID[:GROUP|GID], empty for root
     * @param passwd /etc/passwd there, empty when there is none
     * @param group /etc/group there, empty when there is none
     * @param added groups beside, names or numbers
     */
    public static ProcessUser find(String user, String passwd, String group, List<String> added) {
        int colon = user.indexOf(':');
        String name = colon < 0 ? user : user.substring(0, colon);
        String groupName = colon < 0 ? "" : user.substring(colon + 1);
        String[] entry = entry(passwd, name.isEmpty() ? "0" : name, 7);
        Long uid = name.isEmpty() ? Long.valueOf(0) : number(name);
        long gid = 0;
        if (entry != null) {
            uid = number(entry[2]);
            gid = orZero(number(entry[3]));
        }
        if (uid == null) {
            throw new Failure.Invalid(
                    "unable to find user "
                            + Printable.of(name)
                            + ": no matching entries in passwd file");
        }
        var groups = new LinkedHashSet<Long>();
        if (!groupName.isEmpty()) {
            gid = groupId(group, groupName);
        } else if (entry != null) {
            memberships(group, entry[0], groups);
        }
        checkRange(uid);
        checkRange(gid);
        groups.addFirst(gid);
        for (String each : added) {
            groups.add(groupId(group, each));
        }
        if (groups.size() > MOST_GROUPS) {
            throw new Failure.Invalid(
                    "user " + Printable.of(name) + " is in more than " + MOST_GROUPS + " groups");
        }
        return new ProcessUser(uid, gid, List.copyOf(groups));
    }

    /** As config.json has it (runtime-spec config.md "POSIX-platform User"). */
    public static ProcessUser read(JsonFields user) {
        return new ProcessUser(
                user.integer("uid", 0, JsonFields.MAX_UINT32),
                user.integer("gid", 0, JsonFields.MAX_UINT32),
                user.unsigned32s("additionalGids"));
    }

    /**
     * Where a user is at home, as runc finds it: "/" where the file does not say.
     *
     * @param passwd /etc/passwd of a root file system
     */
    public static String home(long uid, String passwd) {
        String wanted = Long.toString(uid);
        for (Iterator<String> lines = passwd.lines().iterator(); lines.hasNext(); ) {
            String[] fields = lines.next().split(":", 7);
            if (fields.length >= 6 && fields[2].equals(wanted)) {
                return fields[5].isEmpty() || fields[5].indexOf('\0') >= 0 ? "/" : fields[5];
            }
        }
        return "/";
    }

    /** The same in its main group and those that were added alone. */
    public ProcessUser without(String group, List<String> added) {
        var few = new ArrayList<Long>();
        few.add(gid);
        for (String each : added) {
            long id = groupId(group, each);
            if (!few.contains(id)) {
                few.add(id);
            }
        }
        return new ProcessUser(uid, gid, List.copyOf(few));
    }

    /** The same in more groups. */
    public ProcessUser with(List<Long> more) {
        var all = new ArrayList<>(groups);
        for (Long group : more) {
            if (!all.contains(group)) {
                all.add(group);
            }
        }
        return new ProcessUser(uid, gid, List.copyOf(all));
    }

    private static void memberships(String group, String user, Set<Long> groups) {
        for (Iterator<String> lines = group.lines().iterator(); lines.hasNext(); ) {
            String[] fields = lines.next().split(":", 5);
            if (fields.length < 4 || !isAmong(user, fields[3].strip())) {
                continue;
            }
            Long id = number(fields[2]);
            if (id != null) {
                groups.add(id);
            }
        }
    }

    /** Whether a list with commas has the name. */
    private static boolean isAmong(String name, String list) {
        int begin = 0;
        while (begin <= list.length()) {
            int comma = list.indexOf(',', begin);
            int end = comma < 0 ? list.length() : comma;
            if (end - begin == name.length() && list.startsWith(name, begin)) {
                return true;
            }
            begin = end + 1;
        }
        return false;
    }

    private static long groupId(String group, String name) {
        String[] entry = entry(group, name, 4);
        Long id = entry == null ? number(name) : number(entry[2]);
        if (id == null) {
            throw new Failure.Invalid(
                    "unable to find group "
                            + Printable.of(name)
                            + ": no matching entries in group file");
        }
        checkRange(id);
        return id;
    }

    /** The first line of that number or, when it is none, of that name. */
    private static String @Nullable [] entry(String file, String wanted, int most) {
        Long id = number(wanted);
        for (Iterator<String> lines = file.lines().iterator(); lines.hasNext(); ) {
            String[] fields = lines.next().split(":", most);
            if (fields.length >= 4
                    && (id == null ? fields[0].equals(wanted) : id.equals(number(fields[2])))) {
                return fields;
            }
        }
        return null;
    }

    private static long orZero(@Nullable Long number) {
        return number == null ? 0 : number;
    }

    /** Null when it is no number; one that is too big stays too big. */
    private static @Nullable Long number(String text) {
        if (text.isEmpty()) {
            return null;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return null;
            }
        }
        return text.length() > 18 ? Long.MAX_VALUE : Long.parseLong(text);
    }

    private static void checkRange(long id) {
        if (id > MOST) {
            throw new Failure.Invalid("uids and gids must be in range 0-" + MOST);
        }
    }
}
