package dev.rung.host.seccomp;

import dev.rung.domain.Failure;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the comparisons of one architecture's arguments. */
final class ArgumentTests {
    private static final int FIRST_ARGUMENT = 16; // of struct seccomp_data
    private static final long LOWER_HALF = 0xffffffffL;
    private static final int MOST_RULES = 4096;

    private final FilterWriter writer;
    private final Arch arch;

    ArgumentTests(FilterWriter writer, Arch arch) {
        this.writer = writer;
        this.arch = arch;
    }

    /**
     * The place that decides a system call with these rules, in their order. The first rule that is
     * unconditional rules all others out, but not what they contradict each other in before it.
     */
    int decide(List<Rule> rules, int otherwise) {
        Rule first = rules.getFirst();
        int action = first.action();
        if (first.conditions().isEmpty()) {
            return writer.action(action);
        }
        var conditional = new ArrayList<List<Condition>>(rules.size());
        RuleTree tree = null;
        Rule unconditional = null;
        for (int i = 0; i < rules.size() && unconditional == null; i++) {
            Rule rule = rules.get(i).on(arch);
            if (rule.conditions().isEmpty()) {
                unconditional = rule;
            } else if (tree != null) {
                tree.add(rule);
            } else if (rule.action() != action) {
                tree = new RuleTree(arch);
                for (int j = 0; j <= i; j++) {
                    tree.add(rules.get(j).on(arch));
                }
            } else {
                conditional.add(rule.conditions());
            }
        }
        if (unconditional != null) {
            return writer.action(unconditional.action());
        }
        if (tree != null) {
            return tree.write(writer, this, otherwise);
        }
        if (conditional.size() > MOST_RULES) {
            throw new Failure.Invalid(
                    "error loading seccomp filter into kernel: more than "
                            + MOST_RULES
                            + " rules for syscall "
                            + first.name()
                            + ": linux.seccomp.syscalls must be shorter");
        }
        return anyOf(conditional, writer.action(action), otherwise);
    }

    /** Offset in struct seccomp_data of an argument's half. */
    int offset(int argument, boolean upper) {
        boolean second = upper == (arch.byteOrder() == ByteOrder.LITTLE_ENDIAN);
        return FIRST_ARGUMENT + argument * Long.BYTES + (second ? Integer.BYTES : 0);
    }

    /** Compares the accumulator's bits under the mask. */
    int masked(int value, int mask, int yes, int no) {
        if (mask == -1) {
            return writer.test(FilterWriter.EQUAL, value, yes, no);
        }
        if (value == 0) {
            return writer.test(FilterWriter.ANY_BIT, mask, no, yes);
        }
        if (value == mask && Integer.bitCount(mask) == 1) {
            return writer.test(FilterWriter.ANY_BIT, mask, yes, no);
        }
        return writer.and(mask, writer.test(FilterWriter.EQUAL, value, yes, no));
    }

    private int anyOf(List<List<Condition>> rules, int yes, int no) {
        List<Condition> single = singles(rules);
        if (single != null) {
            return within(UnsignedSet.unionOf(single), single.getFirst().argument(), yes, no);
        }
        int place = no;
        for (List<Condition> rule : rules.reversed()) {
            int met = yes;
            for (Condition condition : rule.reversed()) {
                met = test(condition, met, place);
            }
            place = met;
        }
        return place;
    }

    /** The rules' conditions, if each has one, all about one argument's range; else null. */
    private static @Nullable List<Condition> singles(List<List<Condition>> rules) {
        var all = new ArrayList<Condition>(rules.size());
        for (List<Condition> rule : rules) {
            Condition condition = rule.getFirst();
            if (rule.size() > 1
                    || condition.isMasked()
                    || !all.isEmpty() && all.getFirst().argument() != condition.argument()) {
                return null;
            }
            all.add(condition);
        }
        return all;
    }

    private int test(Condition condition, int yes, int no) {
        if (!condition.isMasked()) {
            return within(UnsignedSet.unionOf(List.of(condition)), condition.argument(), yes, no);
        }
        int place = half(condition, false, yes, no);
        return arch.argumentBits() == 64 ? half(condition, true, place, no) : place;
    }

    private int half(Condition condition, boolean upper, int yes, int no) {
        int shift = upper ? Integer.SIZE : 0;
        int mask = (int) (condition.mask() >>> shift);
        if (mask == 0) {
            return yes;
        }
        return writer.load(
                offset(condition.argument(), upper),
                masked((int) (condition.value() >>> shift), mask, yes, no));
    }

    /** Whether the argument is in the set, by a tree over its upper half, then over its lower. */
    private int within(UnsignedSet set, int argument, int yes, int no) {
        int lowerOffset = offset(argument, false);
        if (arch.argumentBits() == 32) {
            var values = new Ranges();
            values.add(0, set.startsInside() ? yes : no);
            boolean inside = set.startsInside();
            for (int i = 0; i < set.edges() && set.edge(i) <= LOWER_HALF; i++) {
                inside = !inside;
                values.add(set.edge(i), inside ? yes : no);
            }
            return values.isOne() ? values.last() : writer.load(lowerOffset, values.write(writer));
        }
        var uppers = new Ranges();
        boolean inside = set.startsInside();
        uppers.add(0, inside ? yes : no);
        int i = 0;
        while (i < set.edges()) {
            long upper = set.edge(i) >>> Integer.SIZE;
            var lowers = new Ranges();
            lowers.add(0, inside ? yes : no);
            for (; i < set.edges() && set.edge(i) >>> Integer.SIZE == upper; i++) {
                inside = !inside;
                lowers.add(set.edge(i) & LOWER_HALF, inside ? yes : no);
            }
            uppers.add(
                    upper,
                    lowers.isOne()
                            ? lowers.last()
                            : writer.load(lowerOffset, lowers.write(writer)));
            if (upper < LOWER_HALF) {
                uppers.add(upper + 1, inside ? yes : no);
            }
        }
        return uppers.isOne()
                ? uppers.last()
                : writer.load(offset(argument, true), uppers.write(writer));
    }
}
