package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.resident.Caller;
import dev.rung.resident.Ending;
import dev.rung.resident.Handler;
import java.util.List;

/** rung-oci as a whole: finds the command, and says what is wrong, with runc's exit codes. */
public final class CommandLine implements Handler {
    private static final Ending.Exit DONE = new Ending.Exit(0);
    private static final Ending.Exit FAILED = new Ending.Exit(1);
    private static final Ending.Exit UNKNOWN_COMMAND = new Ending.Exit(3);

    /** What a failed exec exits with, as the exit codes below belong to the process. */
    private static final Ending.Exit EXEC_FAILED = new Ending.Exit(255);

    private final Verbs verbs = new Verbs();

    /** All commands; one serves any number of callers at once. */
    public CommandLine() {}

    @Override
    public Ending serve(Caller caller) {
        return serve(Front.of(caller));
    }

    /**
     * The same for front ends of our own, which have our rights and our files.
     *
     * @param files what they need not open
     */
    public Handler ofOurOwn(LentFront.OwnFiles files) {
        return caller -> serve(Front.of(caller, files));
    }

    Ending serve(Front front) {
        List<String> argv = front.request().arguments();
        Journal journal = Journal.plain(front);
        var files = new Files(front);
        Arguments options;
        try {
            options = Arguments.parse(Syntaxes.GLOBAL, argv, 1);
        } catch (UsageError e) {
            front.out("Incorrect Usage. " + e.text() + "\n\n" + help(front, files));
            journal.error(e.text());
            return FAILED;
        }
        if (options.flag("version")) {
            front.out("rung-oci version " + Version.lines());
            return DONE;
        }
        List<String> words = options.words();
        if (options.help() || words.isEmpty()) {
            front.out(help(front, files));
            return DONE;
        }
        try {
            Globals globals = Globals.of(options, front.request(), files);
            globals.checkLog(front);
            journal = Journal.of(front, globals);
            return command(new Call(front, files, globals, journal, options), words);
        } catch (Failure e) {
            journal.error(String.valueOf(e.getMessage()));
            return FAILED;
        }
    }

    private static String help(Front front, Files files) {
        return Help.all(Globals.defaultRoot(front.request(), files));
    }

    private Ending command(Call outer, List<String> words) {
        Front front = outer.front();
        String name = words.getFirst();
        if (name.equals("help") || name.equals("h")) {
            return words.size() == 1
                    ? printed(front, help(front, outer.files()))
                    : help(outer, words.get(1));
        }
        Syntax syntax = Syntaxes.of(name);
        if (syntax == null) {
            return help(outer, name);
        }
        Arguments arguments;
        try {
            arguments = Arguments.parse(syntax, words, 1);
        } catch (UsageError e) {
            front.out("Incorrect Usage: " + e.text() + "\n\n" + Help.of(syntax));
            outer.journal().error(e.text());
            return FAILED;
        }
        if (arguments.help()) {
            return printed(front, Help.of(syntax));
        }
        var call = new Call(front, outer.files(), outer.globals(), outer.journal(), arguments);
        try {
            return verbs.of(name).run(call);
        } catch (Arguments.WrongCount e) {
            front.out("Incorrect Usage.\n\n" + Help.of(syntax));
            call.journal().error("rung-oci: " + e.text());
            return FAILED;
        } catch (StepFailed e) {
            call.journal().error(prefix(name) + e.text(), e.fields());
        } catch (Failure e) {
            call.journal().error(prefix(name) + e.getMessage());
        }
        return name.equals("exec") ? EXEC_FAILED : FAILED;
    }

    private static String prefix(String command) {
        return switch (command) {
            case "create", "run" -> "rung-oci " + command + " failed: ";
            case "exec" -> "exec failed: ";
            default -> "";
        };
    }

    private static Ending help(Call call, String name) {
        Syntax syntax = Syntaxes.of(name);
        if (syntax != null) {
            return printed(call.front(), Help.of(syntax));
        }
        call.journal().error("No help topic for '" + name + "'");
        return UNKNOWN_COMMAND;
    }

    private static Ending printed(Front front, String text) {
        front.out(text);
        return DONE;
    }
}
