package dev.rung.linux;

/** Who this process is (credentials(7)). */
public final class Identity {
    private Identity() {}

    /** geteuid(2). */
    public static int effectiveUid() {
        try (var memory = new Memory(0)) {
            return new Function("geteuid").call(memory, "", 0);
        } catch (ErrnoException e) {
            return -1; // uid 4294967295, which the kernel gives to nobody
        }
    }
}
