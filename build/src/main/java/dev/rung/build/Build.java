package dev.rung.build;

import dev.rung.build.BuildCache.Entry;
import dev.rung.build.BuildCache.Holds;
import dev.rung.build.dockerfile.Dockerfile;
import dev.rung.build.dockerfile.Dockerfile.Stage;
import dev.rung.build.dockerfile.Instruction;
import dev.rung.build.dockerfile.Instruction.Variable;
import dev.rung.build.dockerfile.RunMount;
import dev.rung.build.dockerfile.Substitution;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.Platform;
import dev.rung.domain.Printable;
import dev.rung.image.Image;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One build: its stages, each of which is made once, when somebody needs it. */
final class Build {
    private static final String SCRATCH = "scratch";

    private final BuildParts parts;
    private final BuildOrder order;
    private final Dockerfile dockerfile;
    private final ContextFolder context;
    private final BaseImages bases;
    private final BuildListener listener;
    private final StageOutput output;
    private final Holds holds;
    private final BuildArguments arguments;
    private final List<Stage> stages;
    private final int target;
    private final StageTasks tasks;
    private final List<ImageState> caches = new ArrayList<>();
    private int steps;

    Build(
            BuildParts parts,
            BuildOrder order,
            Dockerfile dockerfile,
            ContextFolder context,
            BaseImages bases,
            BuildListener listener,
            Holds holds) {
        this.parts = parts;
        this.order = order;
        this.dockerfile = dockerfile;
        this.context = context;
        this.bases = bases;
        this.listener = listener;
        this.holds = holds;
        output = new StageOutput(listener);
        arguments = BuildArguments.of(order.arguments(), platformArguments());
        target = target(dockerfile.stages(), order.target());
        stages = new ArrayList<>(dockerfile.stages().subList(0, target + 1));
        stages.set(target, stages.get(target).with(labels(order.labels())));
        tasks = new StageTasks(this::make, output);
    }

    BuildParts parts() {
        return parts;
    }

    BuildOrder order() {
        return order;
    }

    Dockerfile dockerfile() {
        return dockerfile;
    }

    ContextFolder context() {
        return context;
    }

    Holds holds() {
        return holds;
    }

    BuildListener listener() {
        return listener;
    }

    synchronized BuildArguments arguments() {
        return arguments;
    }

    private static int target(List<Stage> stages, String wanted) {
        if (wanted.isEmpty()) {
            return stages.size() - 1;
        }
        Integer found = StageNames.find(stages, stages.size(), wanted);
        if (found == null) {
            throw new Failure.Invalid(
                    "failed to reach build target " + Printable.of(wanted) + " in Dockerfile");
        }
        return found;
    }

    private static List<Instruction> labels(Map<String, String> labels) {
        var all = new ArrayList<Instruction>();
        new TreeMap<>(labels)
                .forEach((name, value) -> {
                    var label = new Variable(name, value, false);
                    var source = new Instruction.Source(0, "LABEL " + label);
                    all.add(new Instruction.Label(source, List.of(label), true));
                });
        return all;
    }

    private Platform platform() {
        return order.platform().isEmpty() ? Platform.host() : Platform.parse(order.platform());
    }

    private Map<String, String> platformArguments() {
        var all = new LinkedHashMap<String, String>();
        describe("TARGET", platform(), all);
        describe("BUILD", Platform.host(), all);
        return all;
    }

    private static void describe(String prefix, Platform platform, Map<String, String> to) {
        String variant = platform.variant();
        to.put(prefix + "PLATFORM", platform.toString());
        to.put(prefix + "OS", platform.os());
        to.put(prefix + "ARCH", platform.architecture());
        to.put(prefix + "VARIANT", variant == null ? "" : variant);
    }

    /** Makes the image that was asked for. */
    ImageState run() throws IOException, InterruptedException, CommandFailure {
        for (String warning : dockerfile.warnings()) {
            listener.error("[WARNING]: " + warning + "\n");
        }
        List<Integer> needed = StageNames.needed(stages, target, this::expandedBase);
        int first = 1 + dockerfile.globals().size();
        var firstSteps = new LinkedHashMap<Integer, Integer>();
        for (int stage : needed) {
            firstSteps.put(stage, first);
            first += 1 + stages.get(stage).instructions().size();
        }
        steps = first - 1;
        globals();
        for (String image : order.caches()) {
            cache(image);
        }
        for (int i = 0; i <= target; i++) {
            if (!firstSteps.containsKey(i)) {
                output.done(i);
            }
        }
        ImageState made = tasks.makeAll(firstSteps, target);
        List<String> unused = arguments.unused();
        if (!unused.isEmpty()) {
            listener.text(
                    "[Warning] One or more build-args ["
                            + String.join(" ", unused)
                            + "] were not consumed\n");
        }
        if (made.isEmpty()) {
            throw new Failure.Invalid("No image was generated. Is your Dockerfile empty?");
        }
        return made;
    }

    private void globals() {
        int step = 1;
        for (Instruction.Arg arg : dockerfile.globals()) {
            tellStep(listener, step++, arg.source().text());
            for (Variable variable : arg.variables()) {
                String value = variable.value();
                arguments.addGlobal(
                        new Variable(
                                variable.name(),
                                value == null ? null : global(value),
                                variable.spaced()));
            }
        }
    }

    private String global(String text) {
        return new Substitution(dockerfile.escape(), arguments.globals()).word(text);
    }

    private String expandedBase(Stage stage) {
        var known = new LinkedHashMap<>(arguments.globals());
        for (Instruction.Arg arg : dockerfile.globals()) {
            for (Variable variable : arg.variables()) {
                String value = variable.value();
                if (value != null) {
                    known.putIfAbsent(variable.name(), value);
                }
            }
        }
        return new Substitution(dockerfile.escape(), known).word(stage.from().base());
    }

    void tellStep(BuildListener to, int step, String text) {
        to.text("Step " + step + "/" + steps + " : " + text + "\n");
    }

    /** Makes one stage; on a thread of its own. */
    private ImageState make(int index, int firstStep)
            throws IOException, InterruptedException, CommandFailure {
        Stage stage = stages.get(index);
        BuildListener own = output.of(index);
        tellStep(own, firstStep, stage.from().source().text());
        ImageState base = base(stage, index, own);
        return new StageBuild(this, stage, base, own).run(firstStep + 1);
    }

    private ImageState base(Stage stage, int index, BuildListener own) throws InterruptedException {
        String name = global(stage.from().base());
        if (name.isEmpty()) {
            throw new Failure.Invalid(
                    "base name (" + Printable.of(stage.from().base()) + ") should not be blank");
        }
        Integer other = StageNames.named(stages, index, name);
        if (other != null) {
            return tasks.get(other);
        }
        String platform = global(stage.from().platform());
        if (name.equals(SCRATCH)) {
            return ImageState.empty(platform.isEmpty() ? platform() : Platform.parse(platform));
        }
        return image(name, platform.isEmpty() ? order.platform() : platform, own);
    }

    /** A stage by its name or number, or an image; of COPY --from and mounts. */
    ImageState find(String name) throws InterruptedException {
        int current = tasks.current();
        Integer stage = StageNames.find(stages, current, name);
        return stage != null ? tasks.get(stage) : image(name, order.platform(), output.of(current));
    }

    private ImageState image(String name, String platform, BuildListener own)
            throws InterruptedException {
        Platform wanted = platform.isEmpty() ? Platform.host() : Platform.parse(platform);
        boolean pulled = false;
        if (order.pulls()) {
            bases.pull(name, platform, line -> own.text(line + "\n"));
            pulled = true;
        }
        while (true) {
            try {
                Image image = parts.images().resolve(name, wanted);
                ImageState state = ImageState.of(image);
                holds.retain(state.diffIds(), state.layers());
                holds.lease().retain(image.id());
                holds.lease().retain(image.descriptor().digest());
                return state;
            } catch (Failure.NotFound e) {
                if (pulled) {
                    throw e;
                }
            }
            bases.pull(name, platform, line -> own.text(line + "\n"));
            pulled = true;
        }
    }

    /** What the files of a mount are known by. */
    String sourceKey(RunMount mount) throws InterruptedException {
        if (!mount.from().isEmpty()) {
            ImageState state = find(mount.from());
            return state.isEmpty() ? SCRATCH : state.id().hex();
        }
        String path = String.join("/", DestinationPath.parts(mount.source()));
        try (Fd source = context.tree().open(path)) {
            return source == null ? "" : context.tree().digest(source, all -> true).hex();
        } catch (ErrnoException e) {
            throw new Failure.Invalid(
                    "mount of \"" + Printable.of(mount.source()) + "\": " + e.getMessage());
        }
    }

    /**
     * An image whose steps count as if they had been done here; one that is not here is ignored.
     */
    private void cache(String image) {
        try {
            Image found = parts.images().resolve(image, platform());
            caches.add(ImageState.of(found));
        } catch (Failure.NotFound e) {
            // as Docker: it may be the first build
        }
    }

    /** What the same step upon the same image has made before; null when there is nothing. */
    @Nullable Entry known(Digest key, ImageState before, String createdBy) {
        Entry entry = parts.cache().find(key, holds);
        return entry != null
                ? entry
                : CacheImages.find(caches, before, createdBy, parts.content(), holds);
    }
}
