package dev.rung.host.criu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Which cgroups criu would make and put processes into (criu's images/cgroup.proto).
 *
 * @param hierarchies with the cgroups that are made in them
 * @param members cgroups that processes are put into
 */
public record CriuCgroups(List<Hierarchy> hierarchies, List<Member> members) {
    static final String IMAGE = "cgroup.img";
    private static final int MAGIC = 0x59383330;

    /**
     * A hierarchy.
     *
     * @param controllers its names; an empty one is that of version 2
     */
    public record Hierarchy(List<String> controllers, List<Folder> folders) {}

    /**
     * A cgroup that is made where it is not there.
     *
     * @param name its path without a slash at the ends
     * @param alone whether there are none below it
     * @param files names of those in it that are written when it is made
     */
    public record Folder(String name, boolean alone, List<String> files) {}

    /**
     * Where some process is put.
     *
     * @param controllers the names of a hierarchy with commas between
     * @param prefix how much of the path is not seen inside, in bytes
     */
    public record Member(String controllers, String path, long prefix) {}

    /** Without the image it leaves processes where it is itself. */
    static CriuCgroups read(Path folder) throws IOException {
        var hierarchies = new ArrayList<Hierarchy>();
        var members = new ArrayList<Member>();
        if (Files.exists(folder.resolve(IMAGE))) {
            for (MessageReader all : CriuImages.messages(folder, IMAGE, MAGIC)) {
                while (all.next()) {
                    switch (all.field()) {
                        case 1 -> members(all.message(), members);
                        case 2 -> hierarchies.add(hierarchy(all.message()));
                        default -> {} // of later versions
                    }
                }
            }
        }
        return new CriuCgroups(hierarchies, members);
    }

    private static void members(MessageReader set, List<Member> members) {
        while (set.next()) {
            if (set.field() == 2) {
                String controllers = "";
                String path = "";
                long prefix = 0;
                MessageReader member = set.message();
                while (member.next()) {
                    switch (member.field()) {
                        case 1 -> controllers = member.once().text();
                        case 2 -> path = member.once().text();
                        case 3 -> prefix = member.once().number32();
                        default -> {} // of later versions
                    }
                }
                members.add(new Member(controllers, path, prefix));
            }
        }
    }

    private static Hierarchy hierarchy(MessageReader hierarchy) {
        var controllers = new ArrayList<String>();
        var folders = new ArrayList<Folder>();
        while (hierarchy.next()) {
            switch (hierarchy.field()) {
                case 1 -> controllers.add(hierarchy.text());
                case 2 -> folders.add(folder(hierarchy.message()));
                default -> {} // whether its threads may part
            }
        }
        return new Hierarchy(controllers, folders);
    }

    private static Folder folder(MessageReader folder) {
        String name = "";
        boolean alone = true;
        var files = new ArrayList<String>();
        while (folder.next()) {
            switch (folder.field()) {
                case 1 -> name = folder.once().text();
                case 2 -> alone = false;
                case 3 -> files.add(file(folder.message()));
                default -> {} // who owns it
            }
        }
        return new Folder(name, alone, files);
    }

    private static String file(MessageReader property) {
        String name = "";
        while (property.next()) {
            if (property.field() == 1) {
                name = property.once().text();
            }
        }
        return name;
    }
}
