package dev.rung.build;

import dev.rung.build.BuildCache.Holds;
import dev.rung.build.dockerfile.Instruction.CopyFlags;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.config.ProcessUser;
import dev.rung.image.archive.Spool.Layer;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** COPY, ADD and the folder of WORKDIR: files that the engine itself puts into an image. */
final class CopyStep {
    private static final int LARGEST = 4 << 20;
    private static final int HIGHEST_MODE = 07777;

    private final BuildParts parts;
    private final Holds holds;

    CopyStep(BuildParts parts, Holds holds) {
        this.parts = parts;
        this.holds = holds;
    }

    /** Copies all sources; null when that changed nothing. */
    @Nullable Layer copy(
            ImageState before,
            CopySources sources,
            String destination,
            CopyFlags flags,
            boolean ofStage)
            throws IOException, InterruptedException {
        boolean several = sources.found().size() > 1;
        if (several && !destination.endsWith("/")) {
            throw new Failure.Invalid(
                    "When using COPY with more than one source file, the destination must be a"
                            + " directory and end with a /");
        }
        try (StepRoot root = parts.root(before)) {
            try (Fd top = root.open();
                    var target = new CopyTarget(top, owner(top, flags, ofStage), sources.taken())) {
                for (CopySources.Source source : sources.found()) {
                    String to = flags.parents() ? withParents(destination, source) : destination;
                    target.copy(source, to, !flags.chown().isEmpty());
                }
            }
            return parts.commits().commit(root.key(), Set.of(), before, holds);
        }
    }

    /** Behind "/./" a source's own folders begin. */
    private static String withParents(String destination, CopySources.Source source) {
        List<String> folders = DestinationPath.parts(source.path());
        int end = source.folder() ? folders.size() : folders.size() - 1;
        return destination + "/" + String.join("/", folders.subList(0, Math.max(end, 0))) + "/";
    }

    /** Makes a folder where it is missing, root's. */
    @Nullable Layer makeFolder(ImageState before, String path)
            throws IOException, InterruptedException {
        try (StepRoot root = parts.root(before)) {
            try (Fd top = root.open();
                    var target =
                            new CopyTarget(
                                    top, new CopyTarget.Owner(false, 0, 0, null), all -> true)) {
                target.makeFolder(path);
            } catch (ErrnoException e) {
                throw new Failure.Invalid(
                        "Cannot mkdir: " + Printable.of(path) + ": " + e.getMessage());
            }
            return parts.commits().commit(root.key(), Set.of(), before, holds);
        }
    }

    private static CopyTarget.Owner owner(Fd root, CopyFlags flags, boolean ofStage) {
        Integer mode = flags.chmod().isEmpty() ? null : mode(flags.chmod());
        if (flags.chown().isEmpty()) {
            return new CopyTarget.Owner(ofStage, 0, 0, mode);
        }
        ProcessUser user = user(root, flags.chown());
        return new CopyTarget.Owner(false, (int) user.uid(), (int) user.gid(), mode);
    }

    /** A user alone is a group too, as Docker has it. */
    private static ProcessUser user(Fd root, String chown) {
        int colon = chown.indexOf(':');
        String group = colon < 0 ? chown : chown.substring(colon + 1);
        String user = colon < 0 ? chown : chown.substring(0, colon);
        if (user.isEmpty() || group.isEmpty()) {
            throw new Failure.Invalid("invalid chown string format: " + Printable.of(chown));
        }
        try {
            return ProcessUser.find(
                    user + ":" + group,
                    read(root, "etc/passwd"),
                    read(root, "etc/group"),
                    List.of());
        } catch (Failure.Invalid | Failure.NotFound e) {
            throw new Failure.Invalid(
                    "unable to convert uid/gid chown string to host mapping: " + e.getMessage());
        }
    }

    private static String read(Fd root, String path) {
        try (Fd file = FileTree.open(root, path)) {
            return file == null
                    ? ""
                    : new String(Descriptors.readAll(file, LARGEST), StandardCharsets.UTF_8);
        } catch (ErrnoException e) {
            return ""; // no file
        }
    }

    private static int mode(String text) {
        try {
            int mode = Integer.parseInt(text, 8);
            if (mode >= 0 && mode <= HIGHEST_MODE) {
                return mode;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new Failure.Invalid("invalid chmod parameter: '" + Printable.of(text) + "'");
    }
}
