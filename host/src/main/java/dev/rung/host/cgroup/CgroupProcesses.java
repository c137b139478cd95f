package dev.rung.host.cgroup;

import java.util.ArrayList;
import java.util.List;

/** The processes and sub-cgroups of a container at a moment, read through {@link CgroupFiles}. */
public final class CgroupProcesses {
    private static final int DEEPEST = 64;

    private final CgroupFiles files;

    public CgroupProcesses(CgroupFiles files) {
        this.files = files;
    }

    /**
     * Pids in the cgroup and all below it, without duplicates, in the order in which they are
     * found.
     */
    public List<Integer> pids(String directory) {
        var pids = new java.util.LinkedHashSet<Integer>();
        for (String path : tree(directory)) {
            String text = files.read(path + "/cgroup.procs");
            if (text == null) {
                continue;
            }
            int at = 0;
            while (at < text.length()) {
                int end = text.indexOf('\n', at);
                if (end < 0) {
                    end = text.length();
                }
                // A process of another pid namespace is listed as 0.
                if (end > at && !text.substring(at, end).equals("0")) {
                    pids.add(Integer.valueOf(text.substring(at, end)));
                }
                at = end + 1;
            }
        }
        return List.copyOf(pids);
    }

    /** The cgroup and all below it, parents first. */
    public List<String> tree(String directory) {
        var all = new ArrayList<String>();
        collect(directory, 0, all);
        return all;
    }

    private void collect(String directory, int depth, List<String> all) {
        all.add(directory);
        if (depth == DEEPEST) {
            return;
        }
        for (String child : files.folders(directory)) {
            collect(directory + "/" + child, depth + 1, all);
        }
    }
}
