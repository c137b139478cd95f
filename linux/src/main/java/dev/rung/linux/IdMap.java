package dev.rung.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Which users, or groups, this process's user namespace has, and what they are called in the one
 * around it (user_namespaces(7)).
 */
public record IdMap(List<Range> ranges) {
    private static final long ALL = 0xffff_ffffL;
    private static final IdMap WHOLE = new IdMap(List.of(new Range(0, 0, ALL)));

    /** Ids that follow each other on both sides. */
    public record Range(long inside, long outside, long count) {}

    public IdMap {
        ranges = List.copyOf(ranges);
    }

    /** That of users. */
    public static IdMap ofUsers() {
        return read(Path.of("/proc/self/uid_map"));
    }

    /** That of groups. */
    public static IdMap ofGroups() {
        return read(Path.of("/proc/self/gid_map"));
    }

    /** A kernel without user namespaces has no such file. */
    private static IdMap read(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (IOException _) {
            return WHOLE;
        }
    }

    /** A line is: first id inside, first id outside, count. */
    static IdMap parse(String text) {
        var ranges = new ArrayList<Range>();
        for (String line : text.lines().toList()) {
            String[] words = line.strip().split(" +");
            ranges.add(
                    new Range(
                            Long.parseLong(words[0]),
                            Long.parseLong(words[1]),
                            Long.parseLong(words[2])));
        }
        return new IdMap(ranges);
    }

    /** Whether this is the namespace of the whole machine, or one just like it. */
    public boolean isWhole() {
        return equals(WHOLE);
    }

    /** How many there are. */
    public long count() {
        return ranges.stream().mapToLong(Range::count).sum();
    }

    /** Whether there is one of that number. */
    public boolean has(long id) {
        return ranges.stream()
                .anyMatch(range -> id >= range.inside && id - range.inside < range.count);
    }

    /** What one is called outside; -1 when there is none of that number. */
    public long outside(long id) {
        for (Range range : ranges) {
            if (id >= range.inside && id - range.inside < range.count) {
                return id - range.inside + range.outside;
            }
        }
        return -1;
    }
}
