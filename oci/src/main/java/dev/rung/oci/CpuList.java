package dev.rung.oci;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.util.Arrays;
import java.util.BitSet;

/**
 * A list of CPUs or memory nodes such as "0-3,7" (cpuset(7) "List format"). As for runc, blanks
 * around and empty elements are allowed, and no number is above 65536.
 */
public final class CpuList {
    private static final int HIGHEST = 64 * 1024;

    private final String text;
    private final long[] words;

    private CpuList(String text, long[] words) {
        this.text = text;
        this.words = words;
    }

    /** Invalid, with no more than the reason, when the text is no such list or names nothing. */
    public static CpuList of(String text) {
        var numbers = new BitSet();
        int at = 0;
        while (at <= text.length()) {
            int comma = text.indexOf(',', at);
            int end = comma < 0 ? text.length() : comma;
            String range = text.substring(at, end).strip();
            if (!range.isEmpty()) {
                int dash = range.indexOf('-');
                int first = number(dash < 0 ? range : range.substring(0, dash));
                int last = dash < 0 ? first : number(range.substring(dash + 1));
                if (first > last) {
                    throw new Failure.Invalid("invalid range: " + Printable.of(range));
                }
                numbers.set(first, last + 1);
            }
            at = end + 1;
        }
        if (numbers.isEmpty()) {
            throw new Failure.Invalid("no members found in set \"" + Printable.of(text) + "\"");
        }
        return new CpuList(text, numbers.toLongArray());
    }

    /** The numbers as a bit mask of 64-bit words, lowest first, without zero words at the end. */
    public long[] words() {
        return words.clone();
    }

    /** How many numbers there are. */
    public int count() {
        int count = 0;
        for (long word : words) {
            count += Long.bitCount(word);
        }
        return count;
    }

    private static int number(String digits) {
        int value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw notNumber(digits);
            }
            value = value * 10 + digit;
            if (value > HIGHEST) {
                throw new Failure.Invalid("values larger than " + HIGHEST + " are not supported");
            }
        }
        if (digits.isEmpty()) {
            throw notNumber(digits);
        }
        return value;
    }

    private static Failure.Invalid notNumber(String digits) {
        return new Failure.Invalid("want a number, got \"" + Printable.of(digits) + "\"");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CpuList list && Arrays.equals(words, list.words);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(words);
    }

    /** As it was written. */
    @Override
    public String toString() {
        return text;
    }
}
