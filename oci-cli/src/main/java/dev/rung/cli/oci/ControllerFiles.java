package dev.rung.cli.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files in the cgroups of one container, read with the caller's rights. */
interface ControllerFiles {
    /** Whether all controllers are in one folder (version 2). */
    boolean unified();

    /** What the file holds; null when it, or its controller, is not there. */
    @Nullable String read(String controller, String file);

    /** Huge page sizes of the machine as the hugetlb controller calls them, such as 2MB. */
    List<String> hugePageSizes();
}
