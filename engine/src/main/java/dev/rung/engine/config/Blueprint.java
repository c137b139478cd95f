package dev.rung.engine.config;

import dev.rung.engine.spec.ContainerConfig;
import dev.rung.engine.spec.HostOptions;
import dev.rung.oci.IdMapping;
import dev.rung.oci.LinuxConfig.DeviceType;
import dev.rung.oci.LinuxConfig.NamespaceType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that config.json is made from: what was asked for, with the image's own settings taken in
 * already, and what was decided for this start.
 *
 * @param hostname empty when the host's is kept
 * @param rootfs absolute, or relative to the bundle
 * @param mounts those asked for and those of the engine, in any order; volumes are folders by now
 * @param joined namespaces of others by path
 * @param shared kinds of which the container has the host's
 * @param devices those asked for
 * @param cgroup the container's path in each hierarchy
 * @param initProgram program of the host that becomes the container's first process; null: none
 * @param seccomp null: the default profile
 * @param ids of the users and groups of a user namespace of its own; null: it has none
 */
public record Blueprint(
        ContainerConfig config,
        HostOptions host,
        ProcessUser user,
        String hostname,
        String rootfs,
        List<ResolvedMount> mounts,
        Map<NamespaceType, String> joined,
        Set<NamespaceType> shared,
        List<DeviceNode> devices,
        String cgroup,
        @Nullable String initProgram,
        @Nullable SeccompProfile seccomp,
        List<Hook> hooks,
        @Nullable IdMapping ids,
        Machine machine) {

    /**
     * A program of the host that the runtime runs.
     *
     * @param when such as createRuntime (runtime-spec config.md "POSIX-platform Hooks")
     * @param args with the name of the program first; none: that name alone
     * @param timeoutSeconds null: {@value #LONGEST_SECONDS}
     */
    public record Hook(
            String when,
            String path,
            List<String> args,
            List<String> env,
            @Nullable Long timeoutSeconds) {
        /**
         * As long as a kubelet waits for an answer: who ends or removes the container waits for its
         * hooks, and must not do so for ever.
         */
        public static final long LONGEST_SECONDS = 120;
    }

    /**
     * A mount as the runtime is told of it.
     *
     * @param type bind or tmpfs
     */
    public record ResolvedMount(
            String type, String source, String destination, List<String> options) {
        /** A folder or file of the host. */
        public static ResolvedMount bind(String source, String destination, String... options) {
            return new ResolvedMount("bind", source, destination, List.of(options));
        }
    }

    /**
     * A device node of the host.
     *
     * @param mode permission bits
     * @param access of r, w and m
     */
    public record DeviceNode(
            String path,
            DeviceType type,
            long major,
            long minor,
            int mode,
            long uid,
            long gid,
            String access) {}

    /**
     * The machine under the container.
     *
     * @param name as uname(2) tells: x86_64, aarch64
     * @param capabilities those that the engine itself may give
     * @param unifiedCgroups whether cgroup version 2 alone is mounted
     * @param ids how many users and groups there are: those of a user namespace without root
     * @param cgroups the path that all cgroups of the engine are below, empty for the top; null: it
     *     may make none
     * @param hugePages whether its cgroups count huge pages
     */
    public record Machine(
            String name,
            List<String> capabilities,
            boolean unifiedCgroups,
            long ids,
            @Nullable String cgroups,
            boolean hugePages) {
        private static final long ALL_IDS = 0xffff_ffffL;

        /** That of root. */
        public Machine(
                String name, List<String> capabilities, boolean unifiedCgroups, boolean hugePages) {
            this(name, capabilities, unifiedCgroups, ALL_IDS, "", hugePages);
        }

        /** Whether the engine runs in a user namespace, without root of the machine. */
        public boolean rootless() {
            return ids < ALL_IDS;
        }
    }

    /** Whether the container gets a namespace of its own of that kind. */
    boolean makes(NamespaceType type) {
        return !shared.contains(type) && !joined.containsKey(type);
    }
}
