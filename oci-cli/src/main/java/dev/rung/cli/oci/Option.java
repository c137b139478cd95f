package dev.rung.cli.oci;

/**
 * One option of a command.
 *
 * @param name the long name, without dashes
 * @param letter the short name, empty when there is none
 * @param absent what the option is when it is not given, as text; a list is empty then
 * @param hidden understood, but not told of in the help
 */
record Option(String name, String letter, Kind kind, String absent, String about, boolean hidden) {
    enum Kind {
        FLAG,
        TEXT,
        TEXTS,
        INTEGER,
        INTEGERS,
        DURATION
    }

    static Option flag(String name, String letter, String about) {
        return new Option(name, letter, Kind.FLAG, "false", about, false);
    }

    static Option text(String name, String letter, String about) {
        return new Option(name, letter, Kind.TEXT, "", about, false);
    }

    static Option texts(String name, String letter, String about) {
        return new Option(name, letter, Kind.TEXTS, "", about, false);
    }

    static Option integer(String name, String about) {
        return new Option(name, "", Kind.INTEGER, "0", about, false);
    }

    Option or(String absentText) {
        return new Option(name, letter, kind, absentText, about, hidden);
    }

    Option unmentioned() {
        return new Option(name, letter, kind, absent, about, true);
    }

    boolean takesValue() {
        return kind != Kind.FLAG;
    }

    boolean called(String text) {
        return text.equals(name) || !letter.isEmpty() && text.equals(letter);
    }
}
