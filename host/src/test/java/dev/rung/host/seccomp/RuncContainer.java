package dev.rung.host.seccomp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.rung.oci.Seccomp;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A container that runc made with a profile and that only sleeps, so that its filter can be read.
 */
@SuppressWarnings("restricted")
final class RuncContainer implements AutoCloseable {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final int SEIZE = 0x4206;
    private static final int INTERRUPT = 0x4207;
    private static final int SECCOMP_GET_FILTER = 0x420c;
    private static final int DETACH = 17;
    private static final int WAIT_ALL = 0x40000000;

    private final Path folder;
    private final String id;

    /** Starts it; the folder is the test's own. */
    RuncContainer(Path folder, Seccomp profile) throws IOException, InterruptedException {
        this.folder = folder;
        this.id = "rung-seccomp-" + ProcessHandle.current().pid();
        Path bin = Files.createDirectories(folder.resolve("rootfs/bin"));
        Files.createDirectories(folder.resolve("rootfs/proc"));
        Files.copy(BUSYBOX, bin.resolve("busybox"));
        Files.writeString(folder.resolve("config.json"), config(profile));
        runc("run", "--detach", "--pid-file", folder.resolve("pid").toString(), id);
    }

    static boolean isPossible() {
        return Files.isExecutable(BUSYBOX)
                && Files.isExecutable(Path.of("/usr/sbin/runc"))
                && "root".equals(System.getProperty("user.name"));
    }

    /** The whole filter, runc's stub and libseccomp's part, as the kernel has it. */
    byte[] filter() throws IOException {
        int pid = Integer.parseInt(Files.readString(folder.resolve("pid")).strip());
        try (var arena = Arena.ofConfined()) {
            var none = MemorySegment.NULL;
            ptrace(SEIZE, pid, none, none);
            ptrace(INTERRUPT, pid, none, none);
            call("waitpid", pid, arena.allocate(JAVA_INT), WAIT_ALL);
            int length = (int) ptrace(SECCOMP_GET_FILTER, pid, none, none);
            MemorySegment program = arena.allocate(length * 8L, 8);
            ptrace(SECCOMP_GET_FILTER, pid, none, program);
            ptrace(DETACH, pid, none, none);
            return program.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            runc("delete", "--force", id);
            for (String link : List.of("core", "fd", "ptmx", "stdin", "stdout", "stderr")) {
                Files.deleteIfExists(folder.resolve("rootfs/dev").resolve(link));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void runc(String... words) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("runc", "--root", folder + "/state"));
        command.addAll(List.of(words));
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("output").toFile())
                        .start();
        if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(
                    command + ": " + Files.readString(folder.resolve("output")).strip());
        }
    }

    private static long ptrace(int request, int pid, MemorySegment address, MemorySegment data) {
        long result = call("ptrace", request, pid, address, data);
        if (result < 0) {
            throw new AssertionError("ptrace " + Integer.toHexString(request) + " failed");
        }
        return result;
    }

    private static long call(String function, Object... arguments) {
        var layouts = new MemoryLayout[arguments.length];
        for (int i = 0; i < layouts.length; i++) {
            layouts[i] = arguments[i] instanceof MemorySegment ? ADDRESS : JAVA_INT;
        }
        boolean variadic = function.equals("ptrace");
        Linker linker = Linker.nativeLinker();
        MethodHandle handle =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow(function),
                        FunctionDescriptor.of(variadic ? JAVA_LONG : JAVA_INT, layouts),
                        variadic
                                ? new Linker.Option[] {Linker.Option.firstVariadicArg(1)}
                                : new Linker.Option[0]);
        try {
            return ((Number) handle.invokeWithArguments(arguments)).longValue();
        } catch (Throwable e) {
            throw new AssertionError(function, e);
        }
    }

    private String config(Seccomp profile) {
        return """
        {
          "ociVersion": "1.0.2",
          "process": {
            "user": {"uid": 0, "gid": 0}, "cwd": "/", "noNewPrivileges": true,
            "args": ["/bin/busybox", "sleep", "600"], "env": ["PATH=/bin"]
          },
          "root": {"path": "rootfs"},
          "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
          "linux": {
            "namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}],
            "cgroupsPath": "/%s",
            "seccomp": %s
          }
        }
        """
                .formatted(id, json(profile));
    }

    private static String json(Seccomp profile) {
        String errno =
                profile.defaultErrnoRet() == null
                        ? ""
                        : ", \"defaultErrnoRet\": " + profile.defaultErrnoRet();
        return "{\"defaultAction\": \"%s\"%s, \"architectures\": [%s], \"syscalls\": [%s]}"
                .formatted(
                        profile.defaultAction(),
                        errno,
                        quoted(profile.architectures()),
                        profile.syscalls().stream()
                                .map(RuncContainer::json)
                                .collect(Collectors.joining(",\n")));
    }

    private static String json(Seccomp.Syscall entry) {
        String errno = entry.errnoRet() == null ? "" : ", \"errnoRet\": " + entry.errnoRet();
        return "{\"names\": [%s], \"action\": \"%s\"%s, \"args\": [%s]}"
                .formatted(
                        quoted(entry.names()),
                        entry.action(),
                        errno,
                        entry.args().stream()
                                .map(one ->
                                        "{\"index\": %d, \"value\": %s, \"valueTwo\": %s, \"op\": \"%s\"}"
                                                .formatted(
                                                        one.index(),
                                                        Long.toUnsignedString(one.value()),
                                                        Long.toUnsignedString(one.valueTwo()),
                                                        one.op()))
                                .collect(Collectors.joining(", ")));
    }

    private static String quoted(List<?> words) {
        return words.stream().map(word -> "\"" + word + "\"").collect(Collectors.joining(", "));
    }
}
