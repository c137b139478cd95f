package dev.rung.build;

import dev.rung.build.dockerfile.GoPattern;
import dev.rung.build.dockerfile.IgnorePatterns;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.domain.RawText;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Which files a COPY or ADD takes, and what they are known by. */
final class CopySources {
    private final String instruction;
    private final IgnorePatterns excluded;
    private final List<Source> found = new ArrayList<>();
    private final List<String> digests = new ArrayList<>();

    /**
     * A file or folder.
     *
     * @param path in its tree, as it was asked for; its last name is that of the copy
     * @param unpacks whether it is an archive to be unpacked, if it is one
     */
    record Source(FileTree tree, String path, boolean folder, boolean unpacks) {
        String name() {
            List<String> parts = DestinationPath.parts(path);
            return parts.isEmpty() ? "" : parts.getLast();
        }
    }

    CopySources(String instruction, List<String> excludes) {
        this.instruction = instruction;
        excluded = IgnorePatterns.of(excludes);
    }

    /** Whether a path below a folder that is copied is taken. */
    Predicate<KernelPath> taken() {
        return path -> !excluded.ignores(RawText.decode(path.toBytes()));
    }

    /** Takes what a word of the instruction means. Invalid, in Docker's words, for nothing. */
    void add(FileTree tree, String asked, boolean ofContext, boolean unpacks) {
        try {
            checkInside(asked, ofContext);
            String path = String.join("/", DestinationPath.parts(asked));
            if (GoPattern.isPattern(asked)) {
                for (String each : tree.match(GoPattern.of(path))) {
                    one(tree, each, ofContext, unpacks);
                }
            } else {
                one(tree, path, ofContext, unpacks);
            }
        } catch (ErrnoException e) {
            throw new Failure.Invalid(
                    instruction + " failed: " + Printable.of(asked) + ": " + e.getMessage());
        }
    }

    /** Takes a file whose name is none of a person's: no character of it is a pattern. */
    void addNamed(FileTree tree, String name, boolean unpacks) {
        try {
            one(tree, name, true, unpacks);
        } catch (ErrnoException e) {
            throw new Failure.Invalid(instruction + " failed: " + e.getMessage());
        }
    }

    private void checkInside(String asked, boolean ofContext) {
        int depth = 0;
        for (String part : asked.split("/")) {
            if (part.equals("..")) {
                depth--;
            } else if (!part.isEmpty() && !part.equals(".")) {
                depth++;
            }
            if (depth < 0 && ofContext) {
                throw new Failure.Invalid(
                        "%s failed: forbidden path outside the build context: %s ()"
                                .formatted(instruction, Printable.of(asked)));
            }
        }
    }

    private void one(FileTree tree, String path, boolean ofContext, boolean unpacks)
            throws ErrnoException {
        try (Fd file = tree.open(path)) {
            if (file == null) {
                String where = ofContext ? "in build context or excluded by .dockerignore: " : "";
                throw new Failure.Invalid(
                        "%s failed: file not found %sstat %s: file does not exist"
                                .formatted(instruction, where, Printable.of(path)));
            }
            boolean folder = Descriptors.status(file).is(FileStatus.Type.DIRECTORY);
            if (!folder && excluded.ignores(name(path))) {
                return;
            }
            Digest digest = tree.digest(file, taken());
            found.add(new Source(tree, path, folder, unpacks));
            digests.add((folder ? "dir:" : "file:") + digest.hex());
        }
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    List<Source> found() {
        return found;
    }

    /** What all of them are known by together, as Docker writes it. */
    String digest() {
        if (found.isEmpty()) {
            throw new Failure.Invalid(instruction + " failed: no source files were specified");
        }
        return digests.size() == 1
                ? digests.getFirst()
                : "multi:" + Digest.sha256(RawText.encode(String.join(",", digests))).hex();
    }
}
