package dev.rung.cli.oci;

import dev.rung.cli.oci.Files.Content;
import dev.rung.domain.ContainerId;
import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.host.cgroup.ContainerCgroups;
import dev.rung.host.compile.Compiled;
import dev.rung.host.compile.ContainerProgram;
import dev.rung.host.compile.ContainerRequest;
import dev.rung.host.compile.ContainerRequest.Act;
import dev.rung.isolation.HostDescription;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.oci.LinuxConfig.NamespaceType;
import dev.rung.oci.RuntimeConfig;
import dev.rung.oci.Validation;
import dev.rung.oci.json.Json;
import dev.rung.resident.Ending;
import dev.rung.resident.FailureRecord;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Opened;
import dev.rung.resident.Request;
import dev.rung.resident.RunResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** "create" and "run". */
final class MakeCommand implements Verb {
    private static final long NO_SYMLINKS = 4;
    private static final String NAME = "config.json";

    private final boolean runs;
    private final Kernel kernel;

    MakeCommand(boolean runs, Kernel kernel) {
        this.runs = runs;
        this.kernel = kernel;
    }

    @Override
    public Ending run(Call call) {
        Arguments arguments = call.arguments();
        arguments.exactly(1);
        byte[] json = readConfig(call);
        RuntimeConfig config = RuntimeConfig.read(NAME, json);
        for (String warning : Validation.check(NAME, config)) {
            call.journal().warn(warning);
        }
        Request caller = call.front().request();
        if (caller.uid() != 0) {
            Validation.checkRootless(NAME, config);
        }
        ContainerId id = Containers.id(call.id());
        boolean detached = !runs || arguments.flag("detach");
        checkTerminal(config, arguments, detached);
        HostDescription host = new HostReader(call.files(), kernel).read(caller);
        if (!call.globals().cgroups()) {
            host = withoutCgroups(host);
        }
        call.journal().debug(host.toString());
        ContainerRequest request = request(call, id, config, json, detached);
        Compiled compiled = ContainerProgram.compile(config, host, request);
        if (config.linux().mountLabel() != null && !host.seLinux()) {
            call.journal()
                    .warn(
                            "mounts are not labelled: SELinux is not enabled (config.json: linux.mountLabel)");
        }
        for (String warning : compiled.warnings()) {
            call.journal().warn(warning);
        }
        RunResult result =
                new Execution(call).attempt(compiled.program(), new PhaseWork(compiled.phases()));
        FailureRecord failure = result.failure();
        if (failure != null) {
            throw new StepFailed(context(failure), failure, "");
        }
        return detached ? DONE : waiting(call, config, host, request, compiled);
    }

    static String bundle(Call call) {
        return call.absolute(call.arguments().text("bundle"));
    }

    /** The front end opened the usual one ahead under the very name that it has here. */
    static byte[] readConfig(Call call) {
        Arguments arguments = call.arguments();
        String bundle = arguments.text("bundle");
        String file = arguments.text("config");
        if (file.isEmpty()) {
            file = (bundle.isEmpty() ? "." : bundle) + "/" + NAME;
        }
        Content content = call.files().read(file, Json.LARGEST);
        if (content.there()) {
            return content.bytes();
        }
        if (content.errno() == Errno.EFBIG) {
            throw new Failure.Invalid(NAME + ": longer than " + Json.LARGEST + " bytes");
        }
        if (content.errno() != Errno.ENOENT) {
            throw new Failure.Invalid(content.error());
        }
        if (!bundle.isEmpty()) {
            int errno = call.files().folderError(bundle);
            if (errno != 0) {
                throw new Failure.Invalid("chdir " + bundle + ": " + Errno.phrase(errno));
            }
        }
        throw new Failure.Invalid("JSON specification file " + NAME + " not found");
    }

    private static void checkTerminal(RuntimeConfig config, Arguments arguments, boolean detached) {
        boolean terminal = config.process().terminal();
        boolean socket = !arguments.text("console-socket").isEmpty();
        if (detached && terminal && !socket) {
            throw new Failure.Invalid(
                    "cannot allocate tty if rung-oci will detach without setting console socket");
        }
        if ((!detached || !terminal) && socket) {
            throw new Failure.Invalid(
                    "cannot use console socket if rung-oci will not detach or allocate tty");
        }
    }

    private static HostDescription withoutCgroups(HostDescription host) {
        return new HostDescription(
                host.machine(),
                host.kernelRelease(),
                host.caller(),
                new HostDescription.Cgroups(HostDescription.Layout.NONE, List.of()),
                host.lastCapability(),
                host.appArmor(),
                host.seLinux(),
                host.resctrl(),
                host.timeNamespaces(),
                host.kcore());
    }

    private ContainerRequest request(
            Call call, ContainerId id, RuntimeConfig config, byte[] json, boolean detached) {
        Arguments arguments = call.arguments();
        Request caller = call.front().request();
        int listening = listening(caller);
        long preserved = arguments.integer("preserve-fds") + listening;
        if (preserved < 0) {
            throw new Failure.Invalid("invalid value \"" + preserved + "\" for flag -preserve-fds");
        }
        Boolean rootless = call.globals().rootless();
        boolean lenient = rootless == null ? !kernel.isRoot(caller.uid()) : rootless;
        return new ContainerRequest(
                id,
                runs ? detached ? Act.RUN_DETACHED : Act.RUN : Act.CREATE,
                call.globals().root(),
                bundle(call),
                json,
                Instant.now().toString(),
                owner(call, caller.uid()),
                path(call, "console-socket"),
                path(call, "pid-file"),
                path(call, "pidfd-socket"),
                (int) preserved,
                listening,
                arguments.flag("no-pivot"),
                arguments.flag("no-new-keyring"),
                lenient,
                home(call, config));
    }

    private static @Nullable String path(Call call, String option) {
        String given = call.arguments().text(option);
        return given.isEmpty() ? null : call.absolute(given);
    }

    /** How many descriptors of socket activation there are (sd_listen_fds(3)). */
    private static int listening(Request caller) {
        String pid = caller.environment().get("LISTEN_PID");
        String count = caller.environment().get("LISTEN_FDS");
        if (pid == null || count == null || !pid.equals(Integer.toString(caller.pid()))) {
            return 0;
        }
        Long number = GoSyntax.unsigned(count);
        return number == null || number < 0 || number > caller.inheritedDescriptors()
                ? 0
                : number.intValue();
    }

    private static String owner(Call call, int uid) {
        if (uid == 0) {
            return "root";
        }
        String wanted = ":" + Integer.toUnsignedString(uid) + ":";
        String passwd = call.files().read("/etc/passwd", Files.SMALL).text();
        for (String line : passwd.lines().toList()) {
            int name = line.indexOf(':');
            int password = line.indexOf(':', name + 1);
            if (name > 0 && password > 0 && line.startsWith(wanted, password)) {
                return line.substring(0, name);
            }
        }
        return "#" + Integer.toUnsignedString(uid);
    }

    /** Null when only the program itself can find it out, once all is mounted. */
    private static @Nullable String home(Call call, RuntimeConfig config) {
        if (!HomeFolder.isAsked(config) || HomeFolder.isHidden(config)) {
            return null;
        }
        String root = CallerPath.absolute(bundle(call), config.root().path());
        var request =
                new OpenRequest(
                        null,
                        OpenRequest.reading(root + "/etc/passwd").path(),
                        0,
                        (int) NO_SYMLINKS);
        Opened opened = call.front().open(List.of(request)).getFirst();
        if (opened.errno() == Errno.ENOENT) {
            return HomeFolder.of(config.process().user().uid(), new byte[0]);
        }
        try (Fd file = opened.orThrow(root)) {
            byte[] passwd = Descriptors.readAll(file, Files.SMALL);
            return HomeFolder.of(config.process().user().uid(), passwd);
        } catch (ErrnoException _) {
            return null; // a link perhaps, which is to be followed inside the root only
        }
    }

    /** What stands before the words of a step that failed, as in runc. */
    private static String context(FailureRecord failure) {
        String say = failure.say();
        if (say.startsWith("container with given ID") || say.startsWith("unable to create the ")) {
            return "";
        }
        boolean inside = failure.stream() > 0 && !say.startsWith("exec: ");
        return inside
                ? "unable to start container process: error during container init: "
                : "unable to start container process: ";
    }

    private static Ending waiting(
            Call call,
            RuntimeConfig config,
            HostDescription host,
            ContainerRequest request,
            Compiled compiled) {
        byte[] cleanup = new byte[0];
        List<String> afterwards = List.of();
        if (!call.arguments().flag("keep")) {
            // Without pids of its own others may live on, which only a delete finds; and it can
            // warn
            // of hooks that fail.
            if (config.linux().creates(NamespaceType.PID) && config.hooks().poststop().isEmpty()) {
                cleanup = cleanup(call, config, host, request);
            }
            afterwards = deletion(call, request.id());
        }
        return new Ending.Wait(
                compiled.pid().index(),
                compiled.pidfd().index(),
                compiled.terminal() == null ? -1 : compiled.terminal().index(),
                cleanup,
                afterwards);
    }

    private static byte[] cleanup(
            Call call, RuntimeConfig config, HostDescription host, ContainerRequest request) {
        var acts = new Acts();
        acts.removeCgroups(
                ContainerCgroups.of(
                        host.cgroups(),
                        config.linux().cgroupsPath(),
                        request.id(),
                        request.rootlessCgroups()),
                true);
        acts.removeState(call.globals().root(), request.id());
        return acts.build().bytes();
    }

    private static List<String> deletion(Call call, ContainerId id) {
        Globals globals = call.globals();
        var argv = new ArrayList<String>();
        argv.add("rung-oci");
        argv.add("--root=" + globals.root());
        if (globals.logFile() != null) {
            argv.add("--log=" + globals.logFile());
            argv.add("--log-format=" + (globals.json() ? "json" : "text"));
        }
        argv.add("delete");
        argv.add("--force");
        argv.add(id.value());
        return argv;
    }
}
