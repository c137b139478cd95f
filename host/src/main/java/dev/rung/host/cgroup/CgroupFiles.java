package dev.rung.host.cgroup;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads cgroup files with the caller's rights. */
public interface CgroupFiles {
    /** The text of a file; null when it is not there or the cgroup is gone (ENOENT, ENODEV). */
    @Nullable String read(String path);

    /** The names of the folders in a folder; empty when it is gone. */
    List<String> folders(String path);
}
