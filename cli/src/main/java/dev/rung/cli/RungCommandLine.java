package dev.rung.cli;

import dev.rung.cli.oci.CommandLine;
import dev.rung.cli.oci.LentFront;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.resident.Caller;
import dev.rung.resident.ConversationLost;
import dev.rung.resident.Ending;
import dev.rung.resident.Handler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** rung as a whole: finds the command, and says what is wrong, with docker's exit codes. */
public final class RungCommandLine implements Handler {
    private static final Ending.Exit FAILED = new Ending.Exit(1);
    private static final List<String> OCI_COMMANDS = List.of("explain", "spec", "features");

    private final Services services;
    private final LentFront oci;

    /** The second answers the words that are rung-oci's too. */
    public RungCommandLine(Services services, CommandLine oci) {
        this.services = services;
        this.oci = new LentFront(oci);
    }

    @Override
    public Ending serve(Caller caller) {
        List<String> words = new ArrayList<>(caller.request().arguments());
        words.removeFirst();
        if (words.isEmpty() || isHelp(words.getFirst()) && words.size() == 1) {
            caller.out(HelpText.all());
            return Command.DONE;
        }
        String first = words.getFirst();
        if (OCI_COMMANDS.contains(first) && !namesContainer(words)) {
            return oci(caller, words);
        }
        if (first.equals("--version") || first.equals("-v")) {
            caller.out("rung version " + VersionCommand.VERSION + "\n");
            return Command.DONE;
        }
        if (first.equals("help")) {
            words.removeFirst();
            words.add("--help");
        }
        if (isGroup(words)) {
            caller.out(HelpText.group(words.getFirst()));
            return Command.DONE;
        }
        Command command = Commands.find(words);
        if (command == null) {
            caller.err(
                    "rung: unknown command: rung "
                            + Printable.of(first)
                            + "\n\nRun 'rung --help' for more information\n");
            return FAILED;
        }
        return serve(caller, command, words);
    }

    /** Whether one is to be explained, and not a bundle. */
    private boolean namesContainer(List<String> words) {
        String last = words.getLast();
        return words.getFirst().equals("explain")
                && (isHelp(last) || services.containers().isThere(last));
    }

    private static boolean isHelp(String word) {
        return word.equals("--help") || word.equals("-h") || word.equals("help");
    }

    /** Whether they are nothing but the first word of names of two words. */
    private static boolean isGroup(List<String> words) {
        boolean alone = words.size() == 1 || words.size() == 2 && isHelp(words.getLast());
        return alone && !Commands.group(words.getFirst()).isEmpty();
    }

    private Ending oci(Caller caller, List<String> words) {
        var all = new ArrayList<String>();
        all.add("rung-oci");
        all.addAll(words);
        var errors = new StringBuilder();
        Ending ending = oci.serve(caller, all, errors);
        if (!errors.isEmpty()) {
            caller.err(errors.toString());
        }
        return ending;
    }

    private Ending serve(Caller caller, Command command, List<String> words) {
        for (String word : words) {
            if (word.equals("--help")) {
                caller.out(HelpText.of(command));
                return Command.DONE;
            } else if (command.endsOptions() && !word.startsWith("-")) {
                break;
            }
        }
        try {
            ParseResult options = Words.parse(command, words);
            List<String> rest = Words.words(options);
            checkCount(command, rest.size());
            return command.run(new Invocation(caller, services, options, rest));
        } catch (UsageError e) {
            caller.err(
                    e.text()
                            + "\n\n"
                            + command.synopsis().usage()
                            + "\n\nRun 'rung "
                            + command.name()
                            + " --help' for more information\n");
            return new Ending.Exit(e.code());
        } catch (ConversationLost e) {
            throw e;
        } catch (Failure | IOException e) {
            caller.err("Error response from daemon: " + e.getMessage() + "\n");
            return FAILED;
        }
    }

    private static void checkCount(Command command, int count) {
        WordCount wanted = command.synopsis().count();
        if (!wanted.fits(count)) {
            throw new UsageError(
                    "rung: 'rung " + command.name() + "' " + wanted.complaint(count), 1);
        }
    }
}
