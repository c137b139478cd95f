package dev.rung.host.seccomp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Conditional rules for one system call that ask for different actions, so that it matters which of
 * two that both match is heeded. The specification does not say; libseccomp has an order that comes
 * from how it builds its tree, and this tree has the same.
 *
 * <p>A node compares one half of an argument. A level is a list of nodes: each is asked in turn
 * until one leads to an action. Nodes are ordered by argument (the last one first), by kind of
 * comparison and by value; equal nodes of two rules become one. Rules that contradict each other so
 * that no order helps are refused, as by libseccomp with EEXIST.
 */
final class RuleTree {
    private final Arch arch;
    private final List<Node> top = new ArrayList<>();

    RuleTree(Arch arch) {
        this.arch = arch;
    }

    /** The rule has at least one condition. */
    void add(Rule rule) {
        merge(top, chain(rule, 0), rule);
    }

    /** The place that decides by this tree. */
    int write(FilterWriter writer, ArgumentTests tests, int otherwise) {
        return write(top, writer, tests, otherwise);
    }

    private static int write(
            List<Node> level, FilterWriter writer, ArgumentTests tests, int otherwise) {
        int place = otherwise;
        for (Node node : level.reversed()) {
            int yes = node.yes.write(writer, tests, place);
            int no = node.no.write(writer, tests, place);
            int test =
                    node.masked
                            ? tests.masked(node.value, node.mask, yes, no)
                            : writer.test(node.comparison, node.value, yes, no);
            place = writer.load(tests.offset(node.argument, node.upper), test);
        }
        return place;
    }

    /** Where a node leads to: nowhere in particular, to an action, or to a further level. */
    private static final class Branch {
        @Nullable Integer action;
        List<Node> level = List.of();

        int write(FilterWriter writer, ArgumentTests tests, int otherwise) {
            if (!level.isEmpty()) {
                return RuleTree.write(level, writer, tests, otherwise);
            }
            return action == null ? otherwise : writer.action(action);
        }

        void lead(@Nullable Node next, int ruleAction) {
            if (next == null) {
                action = ruleAction;
            } else {
                level = new ArrayList<>(List.of(next));
            }
        }

        boolean hasOtherActionThan(int other) {
            if (action != null && action != other) {
                return true;
            }
            for (Node node : level) {
                if (node.yes.hasOtherActionThan(other) || node.no.hasOtherActionThan(other)) {
                    return true;
                }
            }
            return false;
        }
    }

    private static final class Node {
        final int argument;
        final boolean upper;
        final Condition origin;
        final int comparison;
        final boolean masked;
        final int value;
        final int mask;
        final Branch yes = new Branch();
        final Branch no = new Branch();

        Node(Condition origin, boolean upper, int comparison) {
            this.origin = origin;
            this.argument = origin.argument();
            this.upper = upper;
            this.comparison = comparison;
            this.masked = origin.isMasked();
            int shift = upper ? Integer.SIZE : 0;
            this.mask = (int) (origin.mask() >>> shift);
            this.value = (int) (origin.value() >>> shift);
        }

        boolean isLeaf() {
            return yes.level.isEmpty() && no.level.isEmpty();
        }

        boolean asksTheSameAs(Node other) {
            return word() == other.word()
                    && comparison == other.comparison
                    && masked == other.masked
                    && value == other.value
                    && mask == other.mask;
        }

        /** Whether it stands behind the other on a level. */
        boolean isBehind(Node other) {
            if (word() != other.word()) {
                return word() < other.word();
            }
            if (rank() != other.rank()) {
                return rank() < other.rank();
            }
            int order = Integer.compareUnsigned(value, other.value);
            return rank() == 2 ? order > 0 : order < 0;
        }

        private int word() {
            return argument * 2 + (upper ? 1 : 0);
        }

        private int rank() {
            return switch (origin.operator()) {
                case SCMP_CMP_EQ, SCMP_CMP_NE, SCMP_CMP_MASKED_EQ -> 3;
                case SCMP_CMP_LT, SCMP_CMP_LE -> 2;
                case SCMP_CMP_GT, SCMP_CMP_GE -> 1;
            };
        }
    }

    /** The nodes for a rule's conditions from that one on; null behind the last. */
    private @Nullable Node next(Rule rule, int index) {
        return index == rule.conditions().size() ? null : chain(rule, index);
    }

    private Node chain(Rule rule, int index) {
        Condition condition = rule.conditions().get(index);
        int comparison =
                switch (condition.operator()) {
                    case SCMP_CMP_EQ, SCMP_CMP_NE, SCMP_CMP_MASKED_EQ -> FilterWriter.EQUAL;
                    case SCMP_CMP_GT, SCMP_CMP_LE -> FilterWriter.GREATER;
                    case SCMP_CMP_GE, SCMP_CMP_LT -> FilterWriter.GREATER_OR_EQUAL;
                };
        boolean met =
                switch (condition.operator()) {
                    case SCMP_CMP_EQ, SCMP_CMP_MASKED_EQ, SCMP_CMP_GT, SCMP_CMP_GE -> true;
                    case SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE -> false;
                };
        var lower = new Node(condition, false, comparison);
        (met ? lower.yes : lower.no).lead(next(rule, index + 1), rule.action());
        if (arch.argumentBits() == 32) {
            return lower;
        }
        if (comparison == FilterWriter.EQUAL) {
            var upper = new Node(condition, true, comparison);
            upper.yes.level = new ArrayList<>(List.of(lower));
            if (!met) {
                upper.no.lead(next(rule, index + 1), rule.action());
            }
            return upper;
        }
        var equal = new Node(condition, true, FilterWriter.EQUAL);
        equal.yes.level = new ArrayList<>(List.of(lower));
        var greater = new Node(condition, true, FilterWriter.GREATER);
        greater.no.level = new ArrayList<>(List.of(equal));
        (met ? greater.yes : equal.no).lead(next(rule, index + 1), rule.action());
        return greater;
    }

    private static void merge(List<Node> level, Node added, Rule rule) {
        for (int i = 0; i < level.size(); i++) {
            Node present = level.get(i);
            if (present.asksTheSameAs(added)) {
                mergeActions(present, added, rule);
                if (mergeLevels(present.yes, added.yes, rule)) {
                    mergeLevels(present.no, added.no, rule);
                }
                return;
            }
            if (present.isBehind(added)) {
                level.add(i, added);
                return;
            }
        }
        level.add(added);
    }

    private static void mergeActions(Node present, Node added, Rule rule) {
        int order = Long.compareUnsigned(added.origin.value(), present.origin.value());
        boolean leaf = present.isLeaf() || added.isLeaf();
        mergeAction(present.yes, added.yes, added.upper && order > 0, leaf, rule);
        mergeAction(present.no, added.no, added.upper && order < 0, leaf, rule);
    }

    private static void mergeAction(
            Branch present, Branch added, boolean prevails, boolean leaf, Rule rule) {
        if (added.action == null) {
            return;
        }
        if (present.action == null) {
            if (present.hasOtherActionThan(added.action)) {
                throw rule.contradiction();
            }
            present.action = added.action;
            present.level = List.of();
        } else if (!present.action.equals(added.action)) {
            if (leaf) {
                throw rule.contradiction();
            }
            if (prevails) {
                present.action = added.action;
            }
        }
    }

    /** False when the present rules decide before the added one is asked. */
    private static boolean mergeLevels(Branch present, Branch added, Rule rule) {
        if (added.level.isEmpty()) {
            return true;
        }
        if (!present.level.isEmpty()) {
            merge(present.level, added.level.getFirst(), rule);
            return true;
        }
        if (present.action != null) {
            return false;
        }
        present.level = added.level;
        return true;
    }
}
