package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.oci.ContainerProcess;
import dev.rung.oci.ContainerProcess.Capabilities;
import dev.rung.oci.ContainerProcess.User;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the options of "exec" make of the container's own process. */
final class ExecOptions {
    private ExecOptions() {}

    /** The process of config.json with the command of the words after the name. */
    static ContainerProcess process(ContainerProcess own, Arguments arguments) {
        List<String> words = arguments.words();
        if (words.size() < 2) {
            throw new Failure.Invalid("exec args cannot be empty");
        }
        var env = new ArrayList<>(own.env());
        env.addAll(arguments.texts("env"));
        return new ContainerProcess(
                arguments.flag("tty"),
                own.consoleSize(),
                user(own.user(), arguments),
                List.copyOf(words.subList(1, words.size())),
                List.copyOf(env),
                orOwn(arguments.text("cwd"), own.cwd()),
                capabilities(own.capabilities(), arguments.texts("cap")),
                own.rlimits(),
                arguments.has("no-new-privs")
                        ? arguments.flag("no-new-privs")
                        : own.noNewPrivileges(),
                orNone(arguments.text("apparmor"), own.apparmorProfile()),
                own.oomScoreAdj(),
                own.scheduler(),
                orNone(arguments.text("process-label"), own.selinuxLabel()),
                own.ioPriority(),
                own.execCpuAffinity());
    }

    private static String orOwn(String given, String own) {
        return given.isEmpty() ? own : given;
    }

    private static @Nullable String orNone(String given, @Nullable String own) {
        return given.isEmpty() ? own : given;
    }

    private static User user(User own, Arguments arguments) {
        long uid = own.uid();
        long gid = own.gid();
        String user = arguments.text("user");
        if (!user.isEmpty()) {
            int colon = user.indexOf(':');
            if (colon >= 0) {
                gid = id("gid", user.substring(colon + 1));
            }
            uid = id("uid", colon < 0 ? user : user.substring(0, colon));
        }
        var groups = new ArrayList<>(own.additionalGids());
        for (String text : arguments.texts("additional-gids")) {
            Long group = GoSyntax.integer(text);
            if (group == null || group < 0 || group > 0xffff_fffeL) {
                throw new Failure.Invalid("additional-gids must be a positive number " + text);
            }
            groups.add(group);
        }
        return new User(uid, gid, own.umask(), List.copyOf(groups));
    }

    private static long id(String what, String text) {
        Long id = GoSyntax.decimal(text);
        if (id == null || id < 0 || id > 0xffff_fffeL) {
            throw new Failure.Invalid(
                    "bad " + what + ": parsing " + GoSyntax.quoted(text) + ": invalid syntax");
        }
        return id;
    }

    /** As runc: ambient only when the container has inheritable ones. */
    private static @Nullable Capabilities capabilities(
            @Nullable Capabilities own, List<String> added) {
        if (added.isEmpty()) {
            return own;
        }
        Capabilities base =
                own == null
                        ? new Capabilities(List.of(), List.of(), List.of(), List.of(), List.of())
                        : own;
        return new Capabilities(
                with(base.bounding(), added),
                with(base.effective(), added),
                base.inheritable(),
                with(base.permitted(), added),
                base.inheritable().isEmpty() ? base.ambient() : with(base.ambient(), added));
    }

    private static List<String> with(List<String> names, List<String> added) {
        var all = new ArrayList<>(names);
        all.addAll(added);
        return List.copyOf(all);
    }

    /**
     * The cgroups below the container's own to run in, by controller; for version 2 one under the
     * name "".
     */
    static Map<String, String> subCgroups(List<String> given) {
        var paths = new LinkedHashMap<String, String>();
        for (String argument : given) {
            int colon = argument.indexOf(':');
            if (colon < 0) {
                if (given.size() != 1) {
                    throw new Failure.Invalid(
                            "invalid --cgroup argument: "
                                    + argument
                                    + " (missing <controller>: prefix)");
                }
                paths.put("", argument);
                continue;
            }
            for (String controller : argument.substring(0, colon).split(",", -1)) {
                if (controller.isEmpty()) {
                    throw new Failure.Invalid(
                            "invalid --cgroup argument: "
                                    + argument
                                    + " (empty <controller> prefix)");
                }
                if (paths.put(controller, argument.substring(colon + 1)) != null) {
                    throw new Failure.Invalid(
                            "invalid --cgroup argument(s): controller "
                                    + controller
                                    + " specified multiple times");
                }
            }
        }
        return paths;
    }
}
