package dev.rung.cli.oci;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.host.compile.Compiled;
import dev.rung.host.compile.ContainerProgram;
import dev.rung.host.compile.ContainerRequest;
import dev.rung.host.compile.ContainerRequest.Act;
import dev.rung.host.compile.SeccompFilters;
import dev.rung.host.compile.Timings;
import dev.rung.host.systemd.ScopeUnit;
import dev.rung.host.systemd.SystemdAddress;
import dev.rung.isolation.HostDescription;
import dev.rung.oci.LinuxConfig;
import dev.rung.oci.LinuxConfig.NamespaceType;
import dev.rung.oci.RuntimeConfig;
import dev.rung.oci.Sysctls;
import dev.rung.resident.Ending;
import dev.rung.resident.Request;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** "create", "run", and what "restore" has in common with them. */
final class MakeCommand implements Verb {
    private final boolean runs;
    private final Kernel kernel;
    private final Compiler compiler;

    private MakeCommand(boolean runs, Kernel kernel, Compiler compiler) {
        this.runs = runs;
        this.kernel = kernel;
        this.compiler = compiler;
    }

    static MakeCommand creating(Kernel kernel, SeccompFilters filters) {
        return new MakeCommand(false, kernel, new OfConfig(filters));
    }

    static MakeCommand running(Kernel kernel, SeccompFilters filters) {
        return new MakeCommand(true, kernel, new OfConfig(filters));
    }

    /** A container whose process another program makes. */
    static MakeCommand restoring(Kernel kernel, Compiler compiler) {
        return new MakeCommand(true, kernel, compiler);
    }

    /** A container as its config describes it. */
    private record OfConfig(SeccompFilters filters) implements Compiler {
        @Override
        public boolean notifies() {
            return true;
        }

        @Override
        public Compiled compile(
                Call call, Bundle bundle, HostDescription host, ContainerRequest request) {
            return ContainerProgram.compile(bundle.config(), host, request, filters);
        }
    }

    @Override
    public Ending run(Call call) {
        long askedNanos = System.nanoTime();
        Arguments arguments = call.arguments();
        arguments.exactly(1);
        Bundle bundle = Bundle.read(call, arguments.text("bundle"));
        ContainerId id = Containers.id(call.id());
        boolean detached = !runs || arguments.flag("detach");
        boolean terminal = bundle.config().process().terminal();
        ProcessOptions options = ProcessOptions.of(call, terminal, detached, true);
        HostDescription host = host(call, bundle.config());
        if (bundle.config().linux().mountLabel() != null && !host.seLinux()) {
            call.journal()
                    .warn(
                            "mounts are not labelled: SELinux is not enabled (config.json:"
                                    + " linux.mountLabel)");
        }
        call.journal().debug(host);
        checkNetwork(call, bundle.config().linux());
        Act act = runs ? detached ? Act.RUN_DETACHED : Act.RUN : Act.CREATE;
        ContainerRequest request = request(call, id, act, bundle, options, askedNanos);
        Compiled compiled = compiler.compile(call, bundle, host, request);
        try {
            return make(call, bundle, host, request, compiled);
        } catch (Failure | StepFailed e) {
            new LeftMounts(call).unmount(request.hostMounts());
            forget(call, bundle, request);
            throw e;
        }
    }

    /** Takes away the unit of a container that came to nothing, if it came that far. */
    private static void forget(Call call, Bundle bundle, ContainerRequest request) {
        SystemdAddress systemd = request.systemd();
        if (systemd == null) {
            return;
        }
        String path = bundle.config().linux().cgroupsPath();
        String name = ScopeUnit.of(path, request.id(), systemd.user()).name();
        try {
            new UnitWork(call, new StoredContainer.Unit(name, systemd)).stop();
        } catch (Failure | StepFailed e) {
            call.journal().debug("unit " + name + " stays: " + e.getMessage());
        }
    }

    private static Ending make(
            Call call,
            Bundle bundle,
            HostDescription host,
            ContainerRequest request,
            Compiled compiled) {
        boolean detached = request.act() != Act.RUN;
        return new Execution(call)
                .make(
                        compiled,
                        host,
                        // a class, for a cold JVM would have to make those of a lambda
                        new Supplier<>() {
                            @Override
                            public Ending get() {
                                return detached
                                        ? detached(compiled)
                                        : waiting(call, bundle.config(), host, request, compiled);
                            }
                        });
    }

    private HostDescription host(Call call, RuntimeConfig config) {
        boolean besides =
                call.globals().systemd() || !config.linux().resources().hugepageLimits().isEmpty();
        HostDescription host =
                new HostReader(call.files(), kernel).read(call.front().request(), besides);
        return call.globals().cgroups() ? host : HostReader.withoutCgroups(host);
    }

    private static Ending detached(Compiled compiled) {
        Ending.Notify notify = notify(compiled);
        return notify == null
                ? DONE
                : new Ending.Ready(compiled.pid().index(), compiled.pidfd().index(), notify);
    }

    /** A network namespace that is joined must not be the caller's own if it is to be changed. */
    private static void checkNetwork(Call call, LinuxConfig linux) {
        String sysctl = Sysctls.firstOfNetwork(linux);
        LinuxConfig.Namespace joined = linux.namespace(NamespaceType.NETWORK);
        if (sysctl == null || joined == null || joined.path() == null) {
            return;
        }
        if (call.files().isSame(joined.path(), "/proc/self/ns/net")) {
            throw new Failure.Invalid(
                    "sysctl \""
                            + Printable.of(sysctl)
                            + "\" not allowed in host network namespace (config.json:"
                            + " linux.sysctl)");
        }
    }

    private ContainerRequest request(
            Call call,
            ContainerId id,
            Act act,
            Bundle bundle,
            ProcessOptions options,
            long askedNanos) {
        Request caller = call.front().request();
        Boolean rootless = call.globals().rootless();
        return new ContainerRequest(
                id,
                act,
                call.globals().root(),
                bundle.path(),
                bundle.json(),
                Instant.now().toString(),
                owner(call, caller.uid()),
                options.consoleSocket(),
                options.callerTerminal(),
                options.pidFile(),
                options.pidfdSocket(),
                compiler.notifies() ? options.notifySocket() : null,
                options.preserveFds(),
                options.listenFds(),
                caller.inheritedDescriptors(),
                act == Act.RUN && !call.arguments().flag("no-subreaper"),
                call.arguments().flag("no-pivot"),
                call.arguments().flag("no-new-keyring"),
                rootless == null ? !kernel.isRoot(caller.uid()) : rootless,
                call.globals().systemd() ? systemd(call, caller) : null,
                bundle.home(call),
                new LeftMounts(call).before(bundle),
                runs ? null : timings(call, askedNanos));
    }

    private SystemdAddress systemd(Call call, Request caller) {
        if (call.files().folderError("/run/systemd/system") != 0) {
            throw new Failure.Unsupported(
                    "systemd not running on this host, cannot use systemd cgroups manager");
        }
        String folder = caller.environment().get("XDG_RUNTIME_DIR");
        if (kernel.isRoot(caller.uid())) {
            return SystemdAddress.SYSTEM;
        } else if (folder == null || folder.isEmpty()) {
            throw new Failure.Invalid(
                    "could not detect the user's bus: XDG_RUNTIME_DIR is not set");
        }
        return SystemdAddress.ofUser(folder);
    }

    private static @Nullable Timings timings(Call call, long askedNanos) {
        String file = call.arguments().text("timings");
        return file.isEmpty() ? null : new Timings(call.absolute(file), askedNanos);
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

    private static Ending.@Nullable Notify notify(Compiled compiled) {
        Compiled.Notify notify = compiled.ready();
        return notify == null
                ? null
                : new Ending.Notify(notify.socket().index(), notify.caller().index());
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
            if (request.systemd() == null && Cleanup.suffices(config)) {
                cleanup = Cleanup.program(config, host, request).bytes();
            }
            afterwards = deletion(call, request.id());
        }
        return new Ending.Wait(
                compiled.pid().index(),
                compiled.pidfd().index(),
                compiled.terminal() == null ? -1 : compiled.terminal().index(),
                notify(compiled),
                cleanup,
                afterwards);
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
