package dev.rung.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A function of the C library that answers -1 and errno when it fails. All are called with six
 * longs: a callee takes what it declares, and on x86-64 and AArch64 ignores the upper half of a
 * register that holds an int.
 */
@SuppressWarnings("restricted") // the one place of the project with downcalls
final class Function {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle CALL =
            LINKER.downcallHandle(
                    FunctionDescriptor.of(
                            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                            JAVA_LONG),
                    Linker.Option.captureCallState("errno"));

    private final String name;
    private final MemorySegment address;

    /** Looks the function up. */
    Function(String name) {
        this(name, name);
    }

    private Function(String function, String name) {
        this.name = name;
        this.address = LINKER.defaultLookup().findOrThrow(function);
    }

    /** A system call without a function of its own: its number is the first operand. */
    static Function bySystemCall(String name) {
        return new Function("syscall", name);
    }

    /**
     * Calls a function that returns an int. Pointers are addresses of live memory, missing operands
     * are 0; what it acts on is for the message.
     */
    int call(Memory memory, Object on, long... operands) throws ErrnoException {
        int result = (int) invoke(memory, operands); // the upper half is undefined
        if (result == -1) {
            throw new ErrnoException(name, on, memory.errno());
        }
        return result;
    }

    /** The same for a function that returns a long or ssize_t. */
    long callLong(Memory memory, Object on, long... operands) throws ErrnoException {
        long result = invoke(memory, operands);
        if (result == -1) {
            throw new ErrnoException(name, on, memory.errno());
        }
        return result;
    }

    private long invoke(Memory memory, long[] given) {
        int count = given.length;
        long a = given[0];
        long b = count > 1 ? given[1] : 0;
        long c = count > 2 ? given[2] : 0;
        long d = count > 3 ? given[3] : 0;
        long e = count > 4 ? given[4] : 0;
        long f = count > 5 ? given[5] : 0;
        try {
            return (long) CALL.invokeExact(address, memory.errnoSegment(), a, b, c, d, e, f);
        } catch (Throwable t) {
            throw new AssertionError("the shape of six longs is bound wrongly", t);
        }
    }
}
