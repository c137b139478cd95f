package dev.rung.cli;

import dev.rung.domain.Printable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Reads the words of a command with picocli. */
final class Words {
    private Words() {}

    /** Throws UsageError, in docker's words. */
    static ParseResult parse(Command command, List<String> words) {
        CommandSpec spec = CommandSpec.create().name(command.name());
        List<OptionSpec> options = command.options();
        for (OptionSpec option : options) {
            spec.addOption(option);
        }
        spec.addPositional(
                PositionalParamSpec.builder()
                        .type(List.class)
                        .auxiliaryTypes(String.class)
                        .arity("0..*")
                        .build());
        spec.parser()
                .stopAtPositional(command.endsOptions())
                .expandAtFiles(false)
                .overwrittenOptionsAllowed(true)
                .caseInsensitiveEnumValuesAllowed(false);
        try {
            return new CommandLine(spec)
                    .parseArgs(plain(command, options, words).toArray(new String[0]));
        } catch (CommandLine.UnmatchedArgumentException e) {
            throw new UsageError(unknown(e.getUnmatched().getFirst()));
        } catch (CommandLine.MissingParameterException e) {
            String word = words.isEmpty() ? "" : words.getLast();
            throw new UsageError("flag needs an argument: " + Printable.of(word));
        } catch (ParameterException e) {
            throw new UsageError(
                    String.valueOf(e.getMessage()).lines().findFirst().orElse("bad words"));
        }
    }

    /** Picocli does not take --flag=true and --flag=false, which docker does. */
    private static List<String> plain(
            Command command, List<OptionSpec> options, List<String> words) {
        var plain = new ArrayList<String>();
        int i = 0;
        while (i < words.size()) {
            String word = words.get(i++);
            boolean ends = word.equals("--") || command.endsOptions() && !word.startsWith("-");
            if (ends) {
                plain.add(word);
                break;
            }
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            String value = equals < 0 ? "" : word.substring(equals + 1);
            boolean told = value.equals("true") || value.equals("false");
            if (word.startsWith("--") && told && isFlag(options, name)) {
                String off = "--no-" + name.substring(2);
                if (value.equals("true")) {
                    plain.add(name);
                } else if (isFlag(options, off)) {
                    plain.add(off);
                }
                continue;
            }
            plain.add(word);
            if (wantsValue(options, word) && i < words.size()) {
                plain.add(words.get(i++));
            }
        }
        plain.addAll(words.subList(i, words.size()));
        return plain;
    }

    private static boolean isFlag(List<OptionSpec> options, String name) {
        OptionSpec option = option(options, name);
        return option != null && option.arity().max() == 0;
    }

    /**
     * Whether the next word belongs to this one: --name, or letters of which the last has a value.
     */
    private static boolean wantsValue(List<OptionSpec> options, String word) {
        if (word.startsWith("--")) {
            OptionSpec option = option(options, word);
            return option != null && option.arity().max() > 0;
        }
        for (int i = 1; word.startsWith("-") && i < word.length(); i++) {
            if (!isFlag(options, "-" + word.charAt(i))) {
                return i == word.length() - 1 && option(options, "-" + word.charAt(i)) != null;
            }
        }
        return false;
    }

    private static @Nullable OptionSpec option(List<OptionSpec> options, String name) {
        for (OptionSpec option : options) {
            for (String each : option.names()) {
                if (each.equals(name)) {
                    return option;
                }
            }
        }
        return null;
    }

    private static String unknown(String word) {
        if (word.startsWith("--")) {
            int equals = word.indexOf('=');
            return "unknown flag: " + Printable.of(equals < 0 ? word : word.substring(0, equals));
        }
        return "unknown shorthand flag: '"
                + Printable.of(word.length() > 1 ? word.substring(1, 2) : word)
                + "' in "
                + Printable.of(word);
    }

    /** What is no option. */
    static List<String> words(ParseResult result) {
        List<String> words = result.matchedPositionalValue(0, List.<String>of());
        return words == null ? List.of() : words;
    }
}
