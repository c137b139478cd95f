package dev.rung.nri;

/** What is to be taken away is named with a dash before it. */
public final class Removal {
    private static final String MARK = "-";

    private Removal() {}

    public static boolean isMarked(String name) {
        return name.startsWith(MARK);
    }

    /** Without the mark, if there is one. */
    public static String plain(String name) {
        return isMarked(name) ? name.substring(MARK.length()) : name;
    }

    static String marked(String name) {
        return MARK + name;
    }
}
