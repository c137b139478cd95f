package dev.rung.build;

import dev.rung.build.dockerfile.Instruction;
import dev.rung.build.dockerfile.Instruction.Variable;
import dev.rung.build.dockerfile.Substitution;
import dev.rung.engine.Signals;
import java.util.List;

/** Instructions that change nothing but settings. */
final class SettingChange {
    private SettingChange() {}

    /**
     * Does one.
     *
     * @param words with the variables as they are before it
     * @return what Docker writes of it into the history
     */
    static String apply(Instruction.Setting setting, Settings settings, Substitution words) {
        return switch (setting) {
            case Instruction.Env env -> {
                List<Variable> all = expanded(env.variables(), words);
                all.forEach(settings::set);
                yield "ENV " + joined(all);
            }
            case Instruction.Label label -> {
                List<Variable> all =
                        label.literal() ? label.labels() : expanded(label.labels(), words);
                all.forEach(settings::label);
                yield "LABEL " + joined(all);
            }
            case Instruction.Cmd cmd -> {
                List<String> command = settings.complete(cmd.command());
                settings.cmd(command);
                yield "CMD " + GoText.quoted(command);
            }
            case Instruction.Entrypoint entrypoint -> {
                List<String> command = settings.complete(entrypoint.command());
                settings.entrypoint(command);
                yield "ENTRYPOINT " + GoText.quoted(command);
            }
            case Instruction.Expose expose -> {
                List<String> ports =
                        expose.ports().stream()
                                .flatMap(port -> words.words(port).stream())
                                .toList();
                ports.forEach(settings::expose);
                yield "EXPOSE " + String.join(" ", ports);
            }
            case Instruction.Volume volume -> {
                List<String> paths = volume.paths().stream().map(words::word).toList();
                paths.forEach(settings::volume);
                yield "VOLUME [" + String.join(" ", paths) + "]";
            }
            case Instruction.User user -> {
                String name = words.word(user.user());
                settings.user(name);
                yield "USER " + name;
            }
            case Instruction.StopSignal stop -> {
                String signal = words.word(stop.signal());
                Signals.parse(signal);
                settings.stopSignal(signal);
                yield "STOPSIGNAL " + signal;
            }
            case Instruction.OnBuild onBuild -> {
                settings.trigger(onBuild.trigger());
                yield "ONBUILD " + onBuild.trigger();
            }
            case Instruction.Health health -> {
                settings.healthcheck(health.check());
                yield "HEALTHCHECK " + GoText.of(health.check());
            }
            case Instruction.Shell shell -> {
                settings.shell(shell.shell());
                yield "SHELL [" + String.join(" ", shell.shell()) + "]";
            }
        };
    }

    private static List<Variable> expanded(List<Variable> variables, Substitution words) {
        return variables.stream().map(each -> expanded(each, words)).toList();
    }

    static Variable expanded(Variable variable, Substitution words) {
        String value = variable.value();
        return new Variable(
                words.word(variable.name()),
                value == null ? null : words.word(value),
                variable.spaced());
    }

    private static String joined(List<Variable> variables) {
        return String.join(" ", variables.stream().map(Variable::toString).toList());
    }
}
