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
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The library that runc compiles profiles with, driven as runc drives it. */
@SuppressWarnings("restricted")
final class Libseccomp {
    static final Libseccomp NONE = new Libseccomp(_ -> Optional.empty());

    private static final int EEXIST = -17;

    private final Map<String, MethodHandle> handles = new HashMap<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final SymbolLookup library;
    private final SymbolLookup libc = Linker.nativeLinker().defaultLookup();

    private Libseccomp(SymbolLookup library) {
        this.library = library;
    }

    /** {@link #NONE} where it is not installed; -Drung.libseccomp=FILE names another one. */
    static Libseccomp open() {
        try {
            return new Libseccomp(
                    SymbolLookup.libraryLookup(
                            System.getProperty("rung.libseccomp", "libseccomp.so.2"),
                            Arena.global()));
        } catch (IllegalArgumentException e) {
            return NONE;
        }
    }

    /** What an attempt gave: a program, or the errno of the first rule refused. */
    @SuppressWarnings("ArrayRecordComponent")
    record Result(byte[] program, int error) {}

    /**
     * The part of runc's filter that libseccomp makes. The library takes the machine that it was
     * built for as native; any other is had by leaving that one out.
     */
    Result compile(Seccomp profile, Arch machine, Path scratch) throws IOException {
        try (var arena = Arena.ofConfined()) {
            int defaultAction = action(profile.defaultAction(), profile.defaultErrnoRet());
            var context = pointer("seccomp_init", defaultAction);
            if (machine != Arch.X86_64) {
                call(library, "seccomp_arch_remove", context, 0);
                var own = Seccomp.Architecture.valueOf("SCMP_ARCH_" + machine);
                call(library, "seccomp_arch_add", context, resolveArchitecture(own, arena));
            }
            for (Seccomp.Architecture architecture : profile.architectures()) {
                int token = resolveArchitecture(architecture, arena);
                int status = call(library, "seccomp_arch_add", context, token);
                if (status < 0 && status != EEXIST) {
                    return new Result(new byte[0], -status);
                }
            }
            if (profile.syscalls().stream().mapToInt(one -> one.names().size()).sum() > 32) {
                call(library, "seccomp_attr_set", context, 8, 2);
            }
            for (Seccomp.Syscall entry : profile.syscalls()) {
                int error = addRules(entry, defaultAction, context, arena);
                if (error != 0) {
                    return new Result(new byte[0], error);
                }
            }
            MemorySegment name = arena.allocateFrom(scratch.toString());
            int descriptor = call(libc, "creat", name, 0600);
            int status = call(library, "seccomp_export_bpf", context, descriptor);
            call(libc, "close", descriptor);
            call(library, "seccomp_release", context);
            return new Result(Files.readAllBytes(scratch), -status);
        }
    }

    /** The call's number there, negative when it has none. */
    int number(String name, Seccomp.Architecture architecture) {
        return numbers.computeIfAbsent(architecture + " " + name, _ -> ask(name, architecture));
    }

    private int ask(String name, Seccomp.Architecture architecture) {
        try (var arena = Arena.ofConfined()) {
            return call(
                    library,
                    "seccomp_syscall_resolve_name_arch",
                    resolveArchitecture(architecture, arena),
                    arena.allocateFrom(name));
        }
    }

    /** False for an architecture that this version lacks. */
    boolean knows(Seccomp.Architecture architecture) {
        try (var arena = Arena.ofConfined()) {
            return resolveArchitecture(architecture, arena) != 0;
        }
    }

    private int resolveArchitecture(Seccomp.Architecture architecture, Arena arena) {
        var name = architecture.name().substring("SCMP_ARCH_".length());
        return call(
                library,
                "seccomp_arch_resolve_name",
                arena.allocateFrom(name.toLowerCase(Locale.ROOT)));
    }

    private int addRules(
            Seccomp.Syscall entry, int defaultAction, MemorySegment context, Arena arena) {
        int action = action(entry.action(), entry.errnoRet());
        if (action == defaultAction) {
            return 0;
        }
        for (String name : entry.names()) {
            int number = call(library, "seccomp_syscall_resolve_name", arena.allocateFrom(name));
            if (number == -1) {
                continue;
            }
            Map<Integer, Integer> uses = new TreeMap<>();
            entry.args().forEach(argument -> uses.merge(argument.index(), 1, Integer::sum));
            boolean separate = uses.values().stream().anyMatch(count -> count > 1);
            if (separate) {
                for (Seccomp.Argument argument : entry.args()) {
                    int error = addRule(context, action, number, List.of(argument), arena);
                    if (error != 0) {
                        return error;
                    }
                }
            } else {
                int error = addRule(context, action, number, entry.args(), arena);
                if (error != 0) {
                    return error;
                }
            }
        }
        return 0;
    }

    /** struct scmp_arg_cmp: an int, an enum, two 64-bit values. */
    private int addRule(
            MemorySegment context,
            int action,
            int number,
            List<Seccomp.Argument> arguments,
            Arena arena) {
        MemorySegment comparisons = arena.allocate(24L * Math.max(1, arguments.size()), 8);
        for (int i = 0; i < arguments.size(); i++) {
            Seccomp.Argument argument = arguments.get(i);
            comparisons.set(JAVA_INT, 24L * i, argument.index());
            comparisons.set(JAVA_INT, 24L * i + 4, comparison(argument.op()));
            comparisons.set(JAVA_LONG, 24L * i + 8, argument.value());
            comparisons.set(JAVA_LONG, 24L * i + 16, argument.valueTwo());
        }
        return -call(
                library,
                "seccomp_rule_add_array",
                context,
                action,
                number,
                arguments.size(),
                comparisons);
    }

    static int action(Seccomp.Action action, @Nullable Long errno) {
        int data = errno == null ? 1 : (int) (errno & 0xffff);
        return switch (action) {
            case SCMP_ACT_KILL, SCMP_ACT_KILL_THREAD -> 0;
            case SCMP_ACT_KILL_PROCESS -> 0x80000000;
            case SCMP_ACT_TRAP -> 0x00030000;
            case SCMP_ACT_ERRNO -> 0x00050000 | data;
            case SCMP_ACT_TRACE -> 0x7ff00000 | data;
            case SCMP_ACT_ALLOW -> 0x7fff0000;
            case SCMP_ACT_LOG -> 0x7ffc0000;
            case SCMP_ACT_NOTIFY -> 0x7fc00000;
        };
    }

    private static int comparison(Seccomp.Operator operator) {
        return switch (operator) {
            case SCMP_CMP_NE -> 1;
            case SCMP_CMP_LT -> 2;
            case SCMP_CMP_LE -> 3;
            case SCMP_CMP_EQ -> 4;
            case SCMP_CMP_GE -> 5;
            case SCMP_CMP_GT -> 6;
            case SCMP_CMP_MASKED_EQ -> 7;
        };
    }

    private MemorySegment pointer(String function, int argument) {
        var type = FunctionDescriptor.of(ADDRESS, JAVA_INT);
        return (MemorySegment) invoke(library, function, type, argument);
    }

    /** Of a function without a result the answer means nothing. */
    private int call(SymbolLookup lookup, String function, Object... arguments) {
        var layouts = new MemoryLayout[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            layouts[i] = arguments[i] instanceof MemorySegment ? ADDRESS : JAVA_INT;
        }
        return (int) invoke(lookup, function, FunctionDescriptor.of(JAVA_INT, layouts), arguments);
    }

    private Object invoke(
            SymbolLookup lookup, String function, FunctionDescriptor type, Object... arguments) {
        MethodHandle handle =
                handles.computeIfAbsent(
                        function,
                        name ->
                                Linker.nativeLinker()
                                        .downcallHandle(lookup.findOrThrow(name), type)
                                        .asSpreader(Object[].class, arguments.length));
        try {
            return handle.invoke(arguments);
        } catch (Throwable e) {
            throw new AssertionError(function, e);
        }
    }
}
