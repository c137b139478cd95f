package dev.rung.program;

import java.util.ArrayList;
import java.util.List;

/** A finished program: its bytes, and how they read. */
public final class Program {
    private static final int KEY_COLUMN = 100;

    private final byte[] bytes;
    private final String[] slots;
    private final int[] hidden;

    Program(byte[] bytes, String[] slots, int[] hidden) {
        this.bytes = bytes;
        this.slots = slots;
        this.hidden = hidden;
    }

    /**
     * A program that was stored. Corrupt, naming the field, when the executor would refuse it; its
     * slots have no names but slot0, slot1, ….
     */
    public static Program read(byte[] bytes) {
        new ProgramCheck(new Wire(bytes)).check();
        return new Program(bytes.clone(), new String[0], new int[0]);
    }

    /** What the executor takes; not a copy, and not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    /**
     * A step as it is listed; index is its number in the whole program, as failure reports have it.
     */
    public record Entry(int stream, int index, String line, String key, String say) {
        /**
         * The line without offsets of data, which move with everything before them: for comparing.
         */
        public String shape() {
            var shape = new StringBuilder(line.length());
            int from = 0;
            for (int at; (at = line.indexOf("data+0x", from)) >= 0; ) {
                shape.append(line, from, at + 4);
                from = at + 7;
                while (from < line.length() && Character.digit(line.charAt(from), 16) >= 0) {
                    from++;
                }
            }
            return shape.append(line, from, line.length()).toString();
        }
    }

    /** All steps, stream by stream. */
    public List<Entry> entries(Secrets secrets) {
        var wire = new Wire(bytes);
        var lines = new StepLine(this, wire, secrets);
        var entries = new ArrayList<Entry>(wire.steps());
        for (int stream = 0; stream < wire.streams(); stream++) {
            for (int step = wire.streamBegin(stream); step < wire.streamEnd(stream); step++) {
                entries.add(
                        new Entry(
                                stream,
                                step,
                                lines.of(step),
                                Quoted.plain(wire.text(wire.key(step))),
                                Quoted.plain(wire.text(wire.say(step)))));
            }
        }
        return entries;
    }

    /**
     * The steps as strace would print them, each beside the key of config.json that asks for it.
     */
    public String listing() {
        return listing(Secrets.HIDDEN);
    }

    /** As {@link #listing()}, with secrets if they are asked for. */
    public String listing(Secrets secrets) {
        var text = new StringBuilder();
        int stream = -1;
        for (Entry entry : entries(secrets)) {
            if (entry.stream != stream) {
                stream = entry.stream;
                text.append("stream ").append(stream).append('\n');
            }
            int begin = text.length();
            String number = Integer.toString(entry.index);
            text.repeat(' ', Math.max(0, 4 - number.length())).append(number).append("  ");
            text.append(entry.line);
            if (!entry.key.isEmpty()) {
                text.repeat(' ', Math.max(2, KEY_COLUMN - (text.length() - begin)));
                text.append("# ").append(entry.key);
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** The name of a slot, for listings. */
    String slotName(int index) {
        return index < slots.length ? slots[index] : "slot" + index;
    }

    /** Whether listings leave out what stands there in the data. */
    boolean hides(long at) {
        for (int i = 0; i < hidden.length; i += 2) {
            if (at >= hidden[i] && at < hidden[i + 1]) {
                return true;
            }
        }
        return false;
    }
}
