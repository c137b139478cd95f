package dev.rung.program;

import dev.rung.domain.Failure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A program in the making. Texts are kept once; misuse by the caller (a slot read before it is set,
 * a skip that leads nowhere) is an IllegalStateException, a container that asks for more than a
 * program holds is {@link Failure.Invalid}. For one thread.
 */
public final class Assembly {
    private final Machine machine;
    private final DataArea data = new DataArea();
    private final SlotUse slots = new SlotUse();
    private final @Nullable StepStream[] streams = new @Nullable StepStream[Format.MAX_STREAMS];
    private int streamCount;
    private int initSlot;
    private int[] hidden = new int[0];

    public Assembly(Machine machine) {
        this.machine = machine;
    }

    public Machine machine() {
        return machine;
    }

    /** A new slot. The name is for listings, and need not be unique. */
    public Slot slot(String name) {
        return slots.make(name);
    }

    /**
     * The stream of this number, 0 to 3: 0 is run by the front end, others by what a step forks.
     */
    public StepStream stream(int number) {
        StepStream stream = streams[number];
        if (stream == null) {
            if (number != streamCount) {
                throw new IllegalStateException(
                        "stream " + number + " before stream " + streamCount);
            }
            stream = new StepStream(this, new Lowering(data, machine, slots, number));
            streams[number] = stream;
            streamCount++;
        }
        return stream;
    }

    /** Zero bytes to be written at run time. */
    public Hole hole(int size) {
        return new Hole(data.reserve(size), size);
    }

    /**
     * A copy of the bytes with so many zero bytes behind, all of which may be written at run time.
     */
    public Hole hole(Bytes content, int more) {
        int size = content.length() + more;
        return new Hole(data.copy(content, more), size);
    }

    /** Gives the first bytes of a hole another content than zeros. */
    public void fill(Hole hole, byte[] content) {
        if (content.length > hole.size()) {
            throw new IllegalArgumentException(content.length + " bytes for " + hole);
        }
        data.put(hole.at(), content);
    }

    /** Leaves these bytes out of listings. The environment of processes is always left out. */
    public void hide(Hole secret) {
        hidden = Arrays.copyOf(hidden, hidden.length + 2);
        hidden[hidden.length - 2] = secret.at();
        hidden[hidden.length - 1] = secret.at() + secret.size();
    }

    /** The slot that holds the pid of the container's init, which the front end waits for. */
    public void init(Slot pid) {
        initSlot = pid.index() + 1;
    }

    /** How many there are by now. */
    public int steps() {
        int steps = 0;
        for (StepStream stream : streams) {
            if (stream != null) {
                steps += stream.size();
            }
        }
        return steps;
    }

    /** The finished program; this assembly is not to be used any more. */
    public Program build() {
        slots.check();
        for (StepStream stream : streams) {
            if (stream != null) {
                stream.check();
            }
        }
        int steps = steps();
        if (steps > Format.MAX_STEPS) {
            throw new Failure.Invalid(
                    "program of %d steps: the container asks for more than %d"
                            .formatted(steps, Format.MAX_STEPS));
        }
        int dataAt = Format.HEADER_SIZE + Format.STEP_SIZE * steps;
        int relocsAt = dataAt + data.size();
        int size = relocsAt + 4 * data.relocCount();
        if (size > Format.MAX_SIZE) {
            throw new Failure.Invalid(
                    "program of %d bytes: the container asks for more than %d"
                            .formatted(size, Format.MAX_SIZE));
        }
        var bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(Format.HEADER_MAGIC, Format.MAGIC);
        bytes.putShort(Format.HEADER_VERSION, (short) Format.VERSION);
        bytes.putShort(Format.HEADER_MACHINE, (short) machine.elf());
        bytes.putInt(Format.HEADER_LENGTH, size);
        bytes.putInt(Format.HEADER_STEPS, steps);
        bytes.putInt(Format.HEADER_STEPS_AT, Format.HEADER_SIZE);
        bytes.putInt(Format.HEADER_DATA_AT, dataAt);
        bytes.putInt(Format.HEADER_DATA_SIZE, data.size());
        bytes.putInt(Format.HEADER_SLOTS, slots.count());
        bytes.putInt(Format.HEADER_STREAMS, Math.max(1, streamCount));
        bytes.putInt(Format.HEADER_RELOCS_AT, relocsAt);
        bytes.putInt(Format.HEADER_RELOCS, data.relocCount());
        bytes.putInt(Format.HEADER_INIT_SLOT, initSlot);
        int at = 0;
        for (int i = 0; i < streamCount; i++) {
            bytes.putInt(Format.HEADER_STREAM_AT + 4 * i, at);
            StepStream stream = streams[i];
            if (stream != null) {
                stream.lowering().write(bytes, Format.HEADER_SIZE + Format.STEP_SIZE * at);
                at += stream.size();
            }
        }
        data.write(bytes, dataAt, relocsAt);
        return new Program(bytes.array(), slots.names(), hidden);
    }
}
