package dev.rung.cli.oci;

import dev.rung.program.Program;
import dev.rung.program.Program.Entry;
import dev.rung.program.Secrets;
import java.util.List;

/**
 * The steps that one program has and another has not, as diff(1) marks them. Steps are the same
 * when their lines are, wherever in the data their texts lie.
 */
final class ProgramDifference {
    /** Programs with more steps in the middle than this are told as all different there. */
    private static final int MOST = 4096;

    private final List<Entry> before;
    private final List<Entry> after;
    private final StringBuilder text = new StringBuilder();
    private int stream = -1;
    private int same;

    private ProgramDifference(List<Entry> before, List<Entry> after) {
        this.before = before;
        this.after = after;
    }

    /** Empty when there is no difference. */
    static String of(Program before, Program after, Secrets secrets) {
        return of(before.entries(secrets), after.entries(secrets));
    }

    static String of(List<Entry> before, List<Entry> after) {
        var difference = new ProgramDifference(before, after);
        difference.compare();
        return difference.text.toString();
    }

    private boolean alike(int i, int j) {
        Entry one = before.get(i);
        Entry other = after.get(j);
        return one.stream() == other.stream()
                && one.key().equals(other.key())
                && one.shape().equals(other.shape());
    }

    private void compare() {
        int start = 0;
        while (start < before.size() && start < after.size() && alike(start, start)) {
            start++;
        }
        int endBefore = before.size();
        int endAfter = after.size();
        while (endBefore > start && endAfter > start && alike(endBefore - 1, endAfter - 1)) {
            endBefore--;
            endAfter--;
        }
        same = start;
        if (endBefore - start > MOST || endAfter - start > MOST) {
            for (int i = start; i < endBefore; i++) {
                print('-', before.get(i));
            }
            for (int j = start; j < endAfter; j++) {
                print('+', after.get(j));
            }
            return;
        }
        walk(start, endBefore, endAfter, common(start, endBefore, endAfter));
        same += before.size() - endBefore;
        printSame();
    }

    /** How many steps are common to what follows each pair of places. */
    private short[][] common(int start, int endBefore, int endAfter) {
        var common = new short[endBefore - start + 1][endAfter - start + 1];
        for (int i = endBefore - start - 1; i >= 0; i--) {
            for (int j = endAfter - start - 1; j >= 0; j--) {
                common[i][j] =
                        alike(start + i, start + j)
                                ? (short) (common[i + 1][j + 1] + 1)
                                : (short) Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        return common;
    }

    private void walk(int start, int endBefore, int endAfter, short[][] common) {
        int i = start;
        int j = start;
        while (i < endBefore || j < endAfter) {
            if (i < endBefore && j < endAfter && alike(i, j)) {
                same++;
                i++;
                j++;
            } else if (j >= endAfter
                    || i < endBefore
                            && common[i + 1 - start][j - start]
                                    >= common[i - start][j + 1 - start]) {
                print('-', before.get(i++));
            } else {
                print('+', after.get(j++));
            }
        }
    }

    private void print(char mark, Entry entry) {
        printSame();
        if (entry.stream() != stream) {
            stream = entry.stream();
            text.append("stream ").append(stream).append('\n');
        }
        text.append(mark).append(' ').append(entry.line());
        if (!entry.key().isEmpty()) {
            text.append("  # ").append(entry.key());
        }
        text.append('\n');
    }

    private void printSame() {
        if (same > 0 && !text.isEmpty()) {
            text.append("  (").append(same).append(same == 1 ? " step" : " steps");
            text.append(" alike)\n");
        }
        same = 0;
    }
}
