package dev.rung.oci;

import static dev.rung.oci.Complaint.quoted;

import dev.rung.domain.Failure;
import dev.rung.oci.Hooks.Hook;
import dev.rung.oci.LinuxConfig.NamespaceType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rules of the specification and of runc that need no knowledge of the host. The first broken one
 * is thrown as {@link Failure.Invalid}, in runc's words where runc has some, with file and key.
 *
 * <p>Left to those who know the host: whether a joined network namespace is the runtime's own
 * (sysctl), the mappings of a joined user namespace, what the kernel and its modules offer.
 */
public final class Validation {
    private Validation() {}

    /**
     * Checks a whole config.
     *
     * @param file what messages call it
     * @return warnings, each one line
     */
    public static List<String> check(String file, RuntimeConfig config) {
        var warnings = new ArrayList<String>();
        var complaint = new Complaint(file, "");
        if (config.startable()) {
            ProcessRules.check(new Complaint(file, "process."), config.process());
        }
        checkNames(complaint, config);
        new MountRules(complaint, config).check(warnings);
        checkHooks(complaint, config.hooks());
        new LinuxRules(complaint, config.linux()).check(warnings);
        ResourceRules.check(
                new Complaint(file, "linux.resources."), config.linux().resources(), warnings);
        return warnings;
    }

    /** What besides must hold when the runtime's effective user is not root. */
    public static void checkRootless(String file, RuntimeConfig config) {
        var complaint = new Complaint(file, "");
        LinuxConfig linux = config.linux();
        if (!linux.has(NamespaceType.USER)) {
            throw complaint.at("linux.namespaces", "rootless container requires user namespaces");
        }
        if (linux.creates(NamespaceType.USER)) {
            if (linux.uidMappings().isEmpty()) {
                throw complaint.at(
                        "linux.uidMappings",
                        "rootless containers requires at least one UID mapping");
            }
            if (linux.gidMappings().isEmpty()) {
                throw complaint.at(
                        "linux.gidMappings",
                        "rootless containers requires at least one GID mapping");
            }
        }
        if (!linux.netDevices().isEmpty()) {
            throw complaint.at(
                    "linux.netDevices",
                    "network devices are not supported for rootless containers");
        }
        new MountRules(complaint, config).checkRootless();
    }

    /** Checks the process of exec, read from a file of its own. */
    public static void checkProcess(String file, ContainerProcess process) {
        ProcessRules.check(new Complaint(file, ""), process);
    }

    /**
     * Checks the resources of update, read from a file of their own.
     *
     * @return warnings, each one line
     */
    public static List<String> checkResources(String file, Resources resources) {
        var warnings = new ArrayList<String>();
        ResourceRules.check(new Complaint(file, ""), resources, warnings);
        return warnings;
    }

    private static void checkNames(Complaint complaint, RuntimeConfig config) {
        boolean own = config.linux().has(NamespaceType.UTS);
        if (config.hostname() != null && !own) {
            throw complaint.at(
                    "hostname", "unable to set hostname without a private UTS namespace");
        }
        if (config.domainname() != null && !own) {
            throw complaint.at(
                    "domainname", "unable to set domainname without a private UTS namespace");
        }
    }

    private static void checkHooks(Complaint complaint, Hooks hooks) {
        checkHooks(complaint, "hooks.prestart", hooks.prestart());
        checkHooks(complaint, "hooks.createRuntime", hooks.createRuntime());
        checkHooks(complaint, "hooks.createContainer", hooks.createContainer());
        checkHooks(complaint, "hooks.startContainer", hooks.startContainer());
        checkHooks(complaint, "hooks.poststart", hooks.poststart());
        checkHooks(complaint, "hooks.poststop", hooks.poststop());
    }

    private static void checkHooks(Complaint complaint, String key, List<Hook> hooks) {
        for (int i = 0; i < hooks.size(); i++) {
            Hook hook = hooks.get(i);
            if (!hook.path().startsWith("/")) {
                throw complaint.at(
                        key + "[" + i + "].path",
                        "want an absolute path, got " + quoted(hook.path()));
            }
            @Nullable Long timeout = hook.timeout();
            if (timeout != null && timeout <= 0) {
                throw complaint.at(
                        key + "[" + i + "].timeout",
                        "want a number of seconds above zero, got " + timeout);
            }
        }
    }
}
