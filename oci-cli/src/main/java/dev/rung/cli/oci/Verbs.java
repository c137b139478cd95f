package dev.rung.cli.oci;

/** The commands by name. */
final class Verbs {
    private Verbs() {}

    /** A command that {@link Syntaxes} knows. */
    static Verb of(String name) {
        return switch (name) {
            case "events" -> new EventsCommand();
            case "list" -> new ListCommand();
            case "state" -> new StateCommand();
            default -> new LaterCommand();
        };
    }

    static boolean isLater(String name) {
        return name.equals("checkpoint") || name.equals("restore");
    }
}
