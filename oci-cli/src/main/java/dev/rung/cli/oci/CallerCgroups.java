package dev.rung.cli.oci;

import dev.rung.cli.oci.Files.Content;
import dev.rung.host.cgroup.CgroupFiles;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import dev.rung.resident.OpenRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The cgroup files of one container, opened by the front end. */
final class CallerCgroups implements ControllerFiles {
    private final Front front;
    private final Files files;
    private final Map<String, String> folders;

    /** The folders by controller, as the container's record has them. */
    CallerCgroups(Front front, Files files, Map<String, String> folders) {
        this.front = front;
        this.files = files;
        this.folders = folders;
    }

    @Override
    public boolean unified() {
        return folders.containsKey("") && !folders.containsKey("memory");
    }

    @Override
    public @Nullable String read(String controller, String file) {
        String folder = unified() ? folders.get("") : folders.get(controller);
        return folder == null ? null : read(folder + "/" + file);
    }

    @Override
    public List<String> hugePageSizes() {
        var sizes = new ArrayList<String>();
        for (String name : subfolders("/sys/kernel/mm/hugepages")) {
            Long kilobytes = GoSyntax.unsigned(name.replace("hugepages-", "").replace("kB", ""));
            if (kilobytes != null) {
                sizes.add(pageSize(kilobytes));
            }
        }
        return sizes;
    }

    /** As the names of the controller's files have it. */
    private static String pageSize(long kilobytes) {
        if (kilobytes >= 1 << 20) {
            return (kilobytes >> 20) + "GB";
        }
        return kilobytes >= 1 << 10 ? (kilobytes >> 10) + "MB" : kilobytes + "KB";
    }

    /** The same files for those who know whole paths. */
    CgroupFiles byPath() {
        return new CgroupFiles() {
            @Override
            public @Nullable String read(String path) {
                return CallerCgroups.this.read(path);
            }

            @Override
            public List<String> folders(String path) {
                return subfolders(path);
            }
        };
    }

    /** What a file holds, by its absolute path; null when it is gone. */
    @Nullable String read(String path) {
        Content content = files.read(path, Files.SMALL);
        return content.there() ? content.text() : null;
    }

    /** Names of the folders in a folder; empty when it is gone. */
    List<String> subfolders(String path) {
        var request = new OpenRequest(null, OpenRequest.reading(path).path(), Paths.O_DIRECTORY, 0);
        var names = new ArrayList<String>();
        try (Fd folder = front.open(List.of(request)).getFirst().orThrow(path)) {
            for (var name : Paths.list(folder)) {
                if (Paths.status(folder, name).is(FileStatus.Type.DIRECTORY)) {
                    names.add(new String(name.toBytes(), StandardCharsets.UTF_8));
                }
            }
        } catch (ErrnoException _) {
            return names; // gone meanwhile
        }
        names.sort(null);
        return names;
    }
}
