package dev.rung.resident;

import dev.rung.domain.KernelPath;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One message between a front end and the resident, without its descriptors. {@link FrameCodec}
 * draws the bytes.
 */
sealed interface Frame {
    /** How many descriptors must come with it. */
    default int descriptors() {
        return 0;
    }

    /** From the front end: who calls, and the results of the opens that most calls need. */
    record Call(Request request, List<Prefetched> prefetched) implements Frame {
        @Override
        public int descriptors() {
            int count = 0;
            for (Prefetched file : prefetched) {
                count += file.errno() == 0 ? 1 : 0;
            }
            return count;
        }
    }

    /**
     * A file that the front end tried to open before it was asked; errno 0: its descriptor came.
     */
    record Prefetched(KernelPath path, int errno) {}

    /** From the front end: an errno, or 0 and a descriptor, for each file it was asked to open. */
    record Opened(List<Integer> errnos) implements Frame {
        @Override
        public int descriptors() {
            int count = 0;
            for (int errno : errnos) {
                count += errno == 0 ? 1 : 0;
            }
            return count;
        }
    }

    /** From the front end: how a program ended. */
    record Ended(@Nullable FailureRecord failure, List<Long> slots) implements Frame {}

    /** From the front end: a tolerated error of the running program that is worth a word. */
    record Warned(FailureRecord warning) implements Frame {}

    /** From the front end: the running program waits at a phase, and hands over descriptors. */
    record PhaseReached(int id) implements Frame {}

    /** From the front end: what was read of its standard input; empty at the end. */
    record Input(byte[] bytes) implements Frame {}

    /** To the front end, first of all; a sealed copy of its own binary comes with it. */
    record Hello(int version) implements Frame {
        @Override
        public int descriptors() {
            return 1;
        }
    }

    /** To the front end: files to open; the folders they lie below come with it. */
    record Open(List<Wanted> files) implements Frame {
        @Override
        public int descriptors() {
            int count = 0;
            for (Wanted file : files) {
                count = Math.max(count, file.folder() + 1);
            }
            return count;
        }
    }

    /** One openat2(2): an index into the descriptors of the frame, -1 for the working directory. */
    record Wanted(int folder, int flags, int resolve, KernelPath path) {}

    /** To the front end: a program to run. */
    record Run(byte[] program) implements Frame {}

    /** To the front end: the phase is over; not ok makes the stream fail with ECANCELED. */
    record Continue(boolean ok, List<PhaseHandler.Patch> patches) implements Frame {}

    /** To the front end: bytes for its descriptor 1 or 2. */
    record Text(int descriptor, byte[] bytes) implements Frame {}

    /** To the front end: bytes to append to a file. */
    record Log(KernelPath path, byte[] bytes) implements Frame {}

    /** To the front end: read so many bytes of standard input at most. */
    record ReadInput(int most) implements Frame {}

    /** To the front end, at last. */
    record Exit(int code) implements Frame {}

    /** To the front end, at last: what to wait for and do then. */
    record Wait(Ending.Wait order) implements Frame {}
}
