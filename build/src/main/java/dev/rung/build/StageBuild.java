package dev.rung.build;

import dev.rung.build.BuildCache.Entry;
import dev.rung.build.dockerfile.Dockerfile;
import dev.rung.build.dockerfile.Instruction;
import dev.rung.build.dockerfile.Instruction.Copy;
import dev.rung.build.dockerfile.Instruction.Heredoc;
import dev.rung.build.dockerfile.Instruction.Variable;
import dev.rung.build.dockerfile.RunMount;
import dev.rung.build.dockerfile.Substitution;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.image.archive.Spool.Layer;
import dev.rung.oci.image.ContainerDefaults.Healthcheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One stage: its instructions in their order, each upon what the one before it has made. */
final class StageBuild {
    private static final int SHORT = 12;

    private final Build build;
    private final Dockerfile.Stage stage;
    private final BuildListener listener;
    private final BuildArguments arguments;
    private final char escape;
    private ImageState state;
    private Settings settings;
    private @Nullable String author;
    private boolean fresh; // nothing that follows can be in the cache

    /**
     * What makes files.
     *
     * @param key more than the instruction that tells two of them apart
     */
    private record Work(String key, Maker maker) {}

    private interface Maker {
        @Nullable Layer make() throws IOException, InterruptedException, CommandFailure;
    }

    private static final Work NO_FILES = new Work("", () -> null);

    StageBuild(Build build, Dockerfile.Stage stage, ImageState base, BuildListener listener) {
        this.build = build;
        this.stage = stage;
        this.listener = listener;
        arguments = build.arguments().ofStage();
        escape = build.dockerfile().escape();
        state = base;
        settings = new Settings(base.config());
    }

    /** All of it; the step counts FROM as the first. */
    ImageState run(int firstStep) throws IOException, InterruptedException, CommandFailure {
        int step = firstStep;
        begin();
        for (Instruction instruction : stage.instructions()) {
            if (Thread.interrupted()) {
                throw new InterruptedException("build cancelled");
            }
            build.tellStep(listener, step++, instruction.source().text());
            dispatch(instruction);
            tellId();
        }
        if (!state.isEmpty()) {
            listener.made(state.id());
        }
        build.arguments().join(arguments);
        return state;
    }

    private void begin() throws IOException, InterruptedException, CommandFailure {
        settings.completePath();
        List<String> triggers = settings.takeTriggers();
        state = state.with(settings.done());
        if (!triggers.isEmpty()) {
            listener.text(
                    "# Executing %d build trigger%s\n"
                            .formatted(triggers.size(), triggers.size() == 1 ? "" : "s"));
            for (String trigger : triggers) {
                dispatch(Dockerfile.trigger(trigger, escape));
            }
        }
        tellId();
    }

    private void tellId() {
        String id = state.isEmpty() ? "" : state.id().hex().substring(0, SHORT);
        listener.text(" ---> " + id + "\n");
    }

    private void dispatch(Instruction instruction)
            throws IOException, InterruptedException, CommandFailure {
        switch (instruction) {
            case Instruction.From _ -> throw new AssertionError("FROM begins a stage");
            case Instruction.Arg arg -> arg(arg);
            case Instruction.Setting setting -> setting(setting);
            case Instruction.Run run -> run(run);
            case Copy copy -> copy(copy);
            case Instruction.Workdir workdir -> workdir(workdir);
            case Instruction.Maintainer maintainer -> {
                author = word(maintainer.text());
                plain("MAINTAINER " + author);
            }
        }
    }

    /** What may stand for a variable now: the image's, then arguments. */
    private Map<String, String> variables() {
        Map<String, String> environment = settings.environment();
        var all = new HashMap<>(arguments.values(environment));
        all.putAll(environment);
        return all;
    }

    private Substitution substitution() {
        return new Substitution(escape, variables());
    }

    private String word(String text) {
        return substitution().word(text);
    }

    private void arg(Instruction.Arg arg) throws IOException, InterruptedException, CommandFailure {
        var texts = new ArrayList<String>();
        for (Variable each : arg.variables()) {
            Variable variable = SettingChange.expanded(each, substitution());
            arguments.add(variable);
            texts.add(variable.toString());
        }
        plain("ARG " + String.join(" ", texts));
    }

    private void setting(Instruction.Setting setting)
            throws IOException, InterruptedException, CommandFailure {
        Healthcheck before = settings.healthcheck();
        if (setting instanceof Instruction.Health
                && before != null
                && !before.test().isEmpty()
                && !before.test().getFirst().equals("NONE")) {
            listener.text(
                    "Note: overriding previous HEALTHCHECK: ["
                            + String.join(" ", before.test())
                            + "]\n");
        }
        plain(SettingChange.apply(setting, settings, substitution()));
    }

    private void workdir(Instruction.Workdir workdir)
            throws IOException, InterruptedException, CommandFailure {
        settings.workingDir(word(workdir.path()));
        String path = settings.workingDir();
        ImageState before = state;
        step(
                nop(" WORKDIR " + path),
                new Work(
                        "",
                        () -> new CopyStep(build.parts(), build.holds()).makeFolder(before, path)));
    }

    private void run(Instruction.Run run) throws IOException, InterruptedException, CommandFailure {
        List<RunMount> mounts = run.mounts().stream().map(this::word).map(RunMount::parse).toList();
        if (run.security().equals("insecure")) {
            throw new Failure.Denied("RUN --security=insecure: this builder gives no such rights");
        }
        Map<String, String> values = arguments.values(settings.environment());
        var environment = new ArrayList<String>();
        values.forEach((name, value) -> environment.add(name + "=" + value));
        List<String> distinguishing = arguments.distinguishing(values);
        RunCommand command = RunCommand.of(run.command(), settings);
        String shown = String.join(" ", command.words());
        String createdBy =
                distinguishing.isEmpty()
                        ? shown
                        : "|"
                                + distinguishing.size()
                                + " "
                                + String.join(" ", distinguishing)
                                + " "
                                + shown;
        var key = new StepKey();
        command.words().forEach(key::add);
        key.add(run.network()).add(command.script() == null ? "" : command.script());
        for (String mount : run.mounts()) {
            key.add(word(mount));
        }
        for (RunMount mount : mounts) {
            if (mount.type() == RunMount.Type.BIND) {
                key.add(build.sourceKey(mount));
            }
        }
        ImageState before = state;
        step(
                createdBy,
                new Work(
                        key.done().hex(),
                        () -> {
                            try (var all = new StepMounts(build.parts())) {
                                for (RunMount mount : mounts) {
                                    all.add(
                                            mount,
                                            settings.workingDir(),
                                            build.context(),
                                            build::find,
                                            build.order().secrets());
                                }
                                String script = command.script();
                                if (script != null) {
                                    all.script(RunCommand.SCRIPT, script);
                                }
                                return new RunStep(build.parts(), build.order(), listener)
                                        .run(
                                                new RunStep.Command(
                                                        before,
                                                        command.words(),
                                                        environment,
                                                        run.network()),
                                                all,
                                                build.holds());
                            }
                        }));
    }

    private void copy(Copy copy) throws IOException, InterruptedException, CommandFailure {
        String instruction = copy.add() ? "ADD" : "COPY";
        String asked = word(copy.destination());
        String destination = DestinationPath.destination(settings.workingDir(), asked);
        var flags =
                new Instruction.CopyFlags(
                        copy.flags().from(),
                        word(copy.flags().chown()),
                        word(copy.flags().chmod()),
                        copy.flags().link(),
                        copy.flags().parents(),
                        copy.flags().excludes().stream().map(this::word).toList(),
                        word(copy.flags().checksum()),
                        copy.flags().unpack());
        List<String> words = copy.sources().stream().map(this::word).toList();
        var contents = new ArrayList<Heredoc>();
        for (Heredoc content : copy.contents()) {
            String text = content.text();
            contents.add(
                    new Heredoc(
                            content.name(),
                            0,
                            false,
                            false,
                            content.expands() ? word(text) : text));
        }
        try (var files = new StepSources(build, instruction, flags)) {
            String digest = files.find(words, contents, copy.add());
            String chown = flags.chown().isEmpty() ? "" : "--chown=" + flags.chown();
            String createdBy = nop(" " + instruction + " " + chown + digest + " in " + asked + " ");
            var key = new StepKey();
            key.add(flags.chmod()).add(flags.parents() ? 1 : 0);
            flags.excludes().forEach(key::add);
            words.forEach(key::add);
            ImageState before = state;
            step(
                    createdBy,
                    new Work(
                            key.done().hex(),
                            () ->
                                    new CopyStep(build.parts(), build.holds())
                                            .copy(
                                                    before,
                                                    files.sources(),
                                                    destination,
                                                    flags,
                                                    !flags.from().isEmpty())));
        }
    }

    /** One that changes no files. */
    private void plain(String comment) throws IOException, InterruptedException, CommandFailure {
        step(nop("  " + comment), NO_FILES);
    }

    /** What Docker writes into the history for a step that runs nothing. */
    private String nop(String comment) {
        return String.join(" ", settings.shell()) + " #(nop)" + comment;
    }

    private void step(String createdBy, Work work)
            throws IOException, InterruptedException, CommandFailure {
        Digest key =
                new StepKey()
                        .add(state.isEmpty() ? "scratch" : state.id().hex())
                        .add(createdBy)
                        .add(work.key)
                        .add(state.platform().toString())
                        .done();
        Entry known = fresh || build.order().noCache() ? null : build.known(key, state, createdBy);
        if (known != null) {
            listener.text(" ---> Using cache\n");
            next(known.created(), createdBy, known.layer());
            return;
        }
        fresh = true;
        Layer layer = work.maker.make();
        String created = build.parts().clock().instant().toString();
        next(created, createdBy, layer);
        build.parts()
                .cache()
                .put(key, new Entry(created, createdBy, layer, state.diffIds(), state.layers()));
    }

    private void next(String created, String createdBy, @Nullable Layer layer) {
        state = state.next(settings.done(), author, created, createdBy, layer);
    }
}
