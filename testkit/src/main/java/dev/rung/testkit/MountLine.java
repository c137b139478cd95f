package dev.rung.testkit;

import java.util.List;

/**
 * A line of mountinfo, proc_pid_mountinfo(5), without its ids.
 *
 * @param place where it is mounted
 * @param root what of the file system is mounted there
 * @param options of this mount, such as ro and nosuid
 * @param propagation the optional fields, such as shared:5
 * @param superOptions of the file system
 */
public record MountLine(
        String place,
        String root,
        List<String> options,
        List<String> propagation,
        String type,
        String source,
        List<String> superOptions) {

    static MountLine of(String line) {
        List<String> fields = List.of(line.split(" "));
        int dash = fields.indexOf("-");
        return new MountLine(
                fields.get(4),
                fields.get(3),
                List.of(fields.get(5).split(",")),
                fields.subList(6, dash),
                fields.get(dash + 1),
                fields.get(dash + 2),
                List.of(fields.get(dash + 3).split(",")));
    }
}
