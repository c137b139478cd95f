package dev.rung.host.seccomp;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import org.jspecify.annotations.Nullable;

/**
 * The names and numbers of the system calls of every architecture, up to Linux 7.2.
 *
 * <p>The resource is a text table: a header, then one line for each name, sorted by bytes, with one
 * column of right-aligned decimals for each architecture and "-" where it lacks the call. All lines
 * are equally long, so it is searched where it lies and never parsed. The facts are from the
 * kernel's asm/unistd*.h; x32's numbers stand there without bit 30.
 */
public final class SyscallTable {
    /** Returned where a name or number is not known. */
    public static final int NONE = -1;

    private final byte[] text;
    private final int lineLength;
    private final int rows;
    private final EnumMap<Arch, Integer> columnEnds = new EnumMap<>(Arch.class);

    private SyscallTable(byte[] text) {
        this.text = text;
        int end = 0;
        while (text[end] != '\n') {
            end++;
        }
        lineLength = end + 1;
        rows = text.length / lineLength - 1;
        Arch[] archs = Arch.values();
        int at = 0;
        while (at < end) {
            int from = at;
            while (at < end && text[at] != ' ') {
                at++;
            }
            if (at > from) {
                var heading = new String(text, from, at - from, StandardCharsets.US_ASCII);
                for (Arch arch : archs) {
                    if (arch.column().equals(heading)) {
                        columnEnds.put(arch, at);
                    }
                }
            }
            at++;
        }
    }

    /** Reads the table, 73 KiB; meant to be kept. */
    public static SyscallTable load() {
        try (InputStream in = SyscallTable.class.getResourceAsStream("syscalls.txt")) {
            if (in == null) {
                throw new IllegalStateException("syscalls.txt is missing from this build");
            }
            return new SyscallTable(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The call's number on that architecture, or {@link #NONE}; x32's have bit 30 set. */
    public int number(String name, Arch arch) {
        int row = row(name);
        return row == NONE ? NONE : number(row, arch);
    }

    /** The call that has this number on that architecture, or null. */
    public @Nullable String name(int number, Arch arch) {
        for (int row = 0; number != NONE && row < rows; row++) {
            if (number(row, arch) == number) {
                return name(row);
            }
        }
        return null;
    }

    /** How many names there are; a row is from 0 to below that. */
    int rows() {
        return rows;
    }

    /** Where a name stands, or {@link #NONE} when no architecture has it. */
    int row(String name) {
        int low = 0;
        int high = rows - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = compare(name, middle);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return NONE;
    }

    String name(int row) {
        int from = (row + 1) * lineLength;
        int to = from;
        while (text[to] != ' ') {
            to++;
        }
        return new String(text, from, to - from, StandardCharsets.US_ASCII);
    }

    int number(int row, Arch arch) {
        int at = (row + 1) * lineLength + columnEnds.getOrDefault(arch, 0) - 1;
        if (text[at] == '-') {
            return NONE;
        }
        int number = 0;
        for (int power = 1; text[at] != ' '; at--, power *= 10) {
            number += (text[at] - '0') * power;
        }
        return arch == Arch.X32 ? number | Arch.X32_BIT : number;
    }

    private int compare(String name, int row) {
        int from = (row + 1) * lineLength;
        int length = name.length();
        for (int i = 0; i < length; i++) {
            int order = name.charAt(i) - text[from + i];
            if (order != 0 || text[from + i] == ' ') {
                return text[from + i] == ' ' ? 1 : order;
            }
        }
        return text[from + length] == ' ' ? 0 : -1;
    }
}
