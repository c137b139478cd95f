package dev.rung.cri;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Classes of block I/O and of caches and memory bandwidth (RDT) that annotations name. None are
 * configured here, so that they are refused, as containerd does where they are off.
 */
final class ResourceClasses {
    private ResourceClasses() {}

    /** Unsupported when a container is to have one. */
    static void check(String container, Map<String, String> containers, Map<String, String> pods) {
        refuse("blockio", "blockio", container, containers, pods);
        refuse("RDT", "rdt", container, containers, pods);
    }

    private static void refuse(
            String what,
            String key,
            String container,
            Map<String, String> containers,
            Map<String, String> pods) {
        String before = key + ".resources.beta.kubernetes.io/";
        String name =
                first(
                        containers.get("io.kubernetes.cri." + key + "-class"),
                        pods.get(before + "container." + container),
                        pods.get(before + "pod"));
        if (!name.isEmpty()) {
            throw new Failure.Unsupported(
                    what
                            + " disabled, refusing to set "
                            + what
                            + " class of container \""
                            + Printable.of(container)
                            + "\" to \""
                            + Printable.of(name)
                            + "\"");
        }
    }

    /** The first that is said, even to be none. */
    private static String first(@Nullable String... names) {
        for (String name : names) {
            if (name != null) {
                return name;
            }
        }
        return "";
    }
}
