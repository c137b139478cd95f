package dev.rung.cli.oci;

/** The commands by name. */
final class Verbs {
    private Verbs() {}

    /** A command that {@link Syntaxes} knows. */
    static Verb of(String name) {
        return switch (name) {
            case "delete" -> new DeleteCommand();
            case "events" -> new EventsCommand();
            case "kill" -> new KillCommand();
            case "list" -> new ListCommand();
            case "pause" -> new PauseCommand();
            case "ps" -> new PsCommand();
            case "resume" -> new ResumeCommand();
            case "spec" -> new SpecCommand();
            case "start" -> new StartCommand();
            case "state" -> new StateCommand();
            case "update" -> new UpdateCommand();
            default -> new LaterCommand();
        };
    }

    static boolean isLater(String name) {
        return name.equals("checkpoint") || name.equals("restore");
    }
}
