package dev.rung.resident;

/** The bytes of a failure record inside a frame. */
final class FailureFormat {
    private FailureFormat() {}

    static void write(FailureRecord failure, FrameWriter to) {
        to.u32(failure.stream()).u32(failure.step()).u32(failure.error()).u64(failure.aux());
        to.string(failure.key()).string(failure.say()).string(failure.text());
    }

    static FailureRecord read(FrameReader from) {
        return new FailureRecord(
                from.u32(),
                from.u32(),
                from.u32(),
                from.u64(),
                from.text(),
                from.text(),
                from.text());
    }
}
