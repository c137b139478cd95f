package dev.rung.linux;

/** The C library's heap, which the JVM uses beside its own. */
public final class NativeHeap {
    private NativeHeap() {}

    /** malloc_trim(3): gives memory that is free back to the kernel. */
    public static void trim() {
        try (var memory = new Memory(0)) {
            new Function("malloc_trim").call(memory, "", 0);
        } catch (ErrnoException e) {
            throw new AssertionError("malloc_trim answers 0 or 1", e);
        }
    }
}
