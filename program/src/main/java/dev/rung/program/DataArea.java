package dev.rung.program;

import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.RawText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The data area of a program that is being assembled: texts (each once, NUL-ended), structures,
 * holes, and the places that hold pointers. Offset 0 is the empty text.
 *
 * <p>Here and in {@link Lowering} no switch asks for types, and the records that are compared write
 * their own equals: a JVM started for one call would have to make classes for these at run time,
 * which takes longer than all the rest.
 */
final class DataArea {
    private final Map<Object, Integer> interned = new HashMap<>(512);
    private ByteBuffer bytes = ByteBuffer.allocate(16 << 10).order(ByteOrder.LITTLE_ENDIAN);
    private int end = 1;
    private int[] relocs = new int[256];
    private int relocCount;

    int text(Text text) {
        if (text instanceof Text.Utf8 utf8) {
            return chars(utf8.text());
        }
        return text instanceof Text.Raw raw ? path(raw.path()) : ((Hole) text).at();
    }

    /** A text that may hold a NUL only if it is read by its length. */
    int chars(String chars) {
        if (chars.isEmpty()) {
            return 0;
        }
        Integer known = interned.get(chars);
        if (known != null) {
            return known;
        }
        int at = append(RawText.encode(chars), 1);
        interned.put(chars, at);
        return at;
    }

    private int path(KernelPath path) {
        if (path.length() == 0) {
            return 0;
        }
        Integer known = interned.get(path);
        if (known != null) {
            return known;
        }
        int at = append(path.toBytes(), 1);
        interned.put(path, at);
        return at;
    }

    int bytes(Bytes content) {
        if (content instanceof Bytes.Chars chars) {
            return chars(chars.text());
        }
        return content instanceof Bytes.Block block
                ? append(block.bytes(), 8)
                : ((Hole) content).at();
    }

    /** An own copy, aligned to 8, followed by so many zero bytes and a NUL. */
    int copy(Bytes content, int more) {
        byte[] from;
        if (content instanceof Bytes.Chars chars) {
            from = RawText.encode(chars.text());
        } else if (content instanceof Bytes.Block block) {
            from = block.bytes();
        } else {
            int hole = ((Hole) content).at();
            from = Arrays.copyOfRange(bytes.array(), hole, hole + content.length());
        }
        int at = reserve(from.length + more);
        bytes.put(at, from);
        return at;
    }

    /** Zero bytes, aligned to 8, with a NUL behind them. */
    int reserve(int size) {
        return claim(size, 8);
    }

    /** A table of pointers to the texts, with a NULL behind the last. */
    int table(List<Text> texts) {
        Integer known = interned.get(texts);
        if (known != null) {
            return known;
        }
        int[] at = new int[texts.size()];
        for (int i = 0; i < at.length; i++) {
            at[i] = text(texts.get(i));
        }
        int table = reserve(8 * at.length + 8);
        for (int i = 0; i < at.length; i++) {
            pointer(table + 8 * i, at[i]);
        }
        pointer(table + 8 * at.length, Format.NULL);
        interned.put(List.copyOf(texts), table);
        return table;
    }

    void pointer(int at, long target) {
        bytes.putLong(at, target);
        if (relocCount == relocs.length) {
            relocs = Arrays.copyOf(relocs, 2 * relocCount);
        }
        relocs[relocCount++] = at;
    }

    void put16(int at, int value) {
        bytes.putShort(at, (short) value);
    }

    void put32(int at, int value) {
        bytes.putInt(at, value);
    }

    void put64(int at, long value) {
        bytes.putLong(at, value);
    }

    void put(int at, byte[] value) {
        bytes.put(at, value);
    }

    /** The first bytes of a text, for names that stand inside structures. */
    byte[] copyOfText(Text text, int most) {
        byte[] all;
        if (text instanceof Text.Utf8 utf8) {
            all = RawText.encode(utf8.text());
        } else if (text instanceof Text.Raw raw) {
            all = raw.path().toBytes();
        } else {
            throw new IllegalArgumentException("a hole as a name");
        }
        return all.length > most ? Arrays.copyOf(all, most) : all;
    }

    boolean holds(Hole hole) {
        return hole.at() + (long) hole.size() < end;
    }

    /** The size of the finished area: it ends with a NUL, and where what follows is aligned. */
    int size() {
        return (end + 8) & ~7;
    }

    int relocCount() {
        return relocCount;
    }

    void write(ByteBuffer to, int dataAt, int relocsAt) {
        to.put(dataAt, bytes, 0, end);
        Arrays.sort(relocs, 0, relocCount);
        for (int i = 0; i < relocCount; i++) {
            to.putInt(relocsAt + 4 * i, relocs[i]);
        }
    }

    private int append(byte[] content, int alignment) {
        int at = claim(content.length, alignment);
        bytes.put(at, content);
        return at;
    }

    private int claim(int size, int alignment) {
        int at = (end + alignment - 1) & -alignment;
        long needed = at + (long) size + 1;
        if (needed > Format.MAX_SIZE) {
            throw new Failure.Invalid(
                    "program of more than "
                            + Format.MAX_SIZE
                            + " bytes: the container asks for too much");
        }
        if (needed > bytes.capacity()) {
            var larger =
                    ByteBuffer.allocate(Math.max((int) needed, 2 * bytes.capacity()))
                            .order(ByteOrder.LITTLE_ENDIAN);
            larger.put(0, bytes, 0, end);
            bytes = larger;
        }
        end = (int) needed;
        return at;
    }
}
