package dev.rung.cli;

/**
 * How many words a command takes besides its options.
 *
 * @param most ANY: no limit
 */
record WordCount(int least, int most) {
    static final WordCount NONE = exactly(0);
    private static final int ANY = Integer.MAX_VALUE;

    static WordCount exactly(int count) {
        return new WordCount(count, count);
    }

    static WordCount atLeast(int count) {
        return new WordCount(count, ANY);
    }

    static WordCount between(int least, int most) {
        return new WordCount(least, most);
    }

    boolean fits(int count) {
        return count >= least && count <= most;
    }

    /**
     * What is wrong with a count that does not fit, in docker's words, such as: requires 1
     * argument.
     */
    String complaint(int count) {
        if (most == 0) {
            return "accepts no arguments";
        }
        int wanted = count < least ? least : most;
        String limit = most == least ? "" : count < least ? "at least " : "at most ";
        return "requires " + limit + wanted + (wanted == 1 ? " argument" : " arguments");
    }
}
