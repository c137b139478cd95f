package dev.rung.build;

import dev.rung.build.dockerfile.Instruction.CopyFlags;
import dev.rung.build.dockerfile.Instruction.Heredoc;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/** Where one COPY or ADD takes its files from: the context, a stage, an image, or an address. */
final class StepSources implements AutoCloseable {
    private final Build build;
    private final String instruction;
    private final CopyFlags flags;
    private final CopySources sources;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    StepSources(Build build, String instruction, CopyFlags flags) {
        this.build = build;
        this.instruction = instruction;
        this.flags = flags;
        sources = new CopySources(instruction, flags.excludes());
    }

    CopySources sources() {
        return sources;
    }

    /** Finds all of them; what they are known by. */
    String find(List<String> words, List<Heredoc> contents, boolean add)
            throws IOException, InterruptedException {
        boolean ofContext = flags.from().isEmpty();
        FileTree tree = ofContext ? build.context().tree() : stage();
        for (String word : words) {
            if (isAddress(word)) {
                if (!add) {
                    throw new Failure.Invalid("source can't be a URL for COPY");
                }
                fetched(word);
            } else {
                boolean unpacks = add && !Boolean.FALSE.equals(flags.unpack());
                sources.add(tree, word, ofContext, unpacks);
            }
        }
        for (Heredoc content : contents) {
            written(content);
        }
        return sources.digest();
    }

    private FileTree stage() throws InterruptedException {
        StepRoot root = build.parts().root(build.find(flags.from()));
        open.push(root);
        var tree = new FileTree(root.open());
        open.push(tree);
        return tree;
    }

    private static boolean isAddress(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        return lower.startsWith("http://") || lower.startsWith("https://");
    }

    private ContextFolder folder() {
        ContextFolder folder = ContextFolder.make(build.parts().contexts());
        open.push(folder);
        return folder;
    }

    private void fetched(String address) throws IOException, InterruptedException {
        ContextFolder folder = folder();
        RemoteFile.Fetched file =
                RemoteFile.fetch(address, folder.folder(), flags.checksum(), build.listener());
        if (file.name().isEmpty()) {
            throw new Failure.Invalid(
                    instruction
                            + " failed: cannot determine filename for source "
                            + Printable.of(address));
        }
        sources.addNamed(folder.tree(), file.name(), Boolean.TRUE.equals(flags.unpack()));
    }

    /** Its time is none of the file's, which is made anew for each build. */
    private void written(Heredoc content) throws IOException {
        ContextFolder folder = folder();
        if (content.name().indexOf('/') >= 0 || content.name().startsWith(".")) {
            throw new Failure.Invalid(
                    "invalid name of a heredoc: \"" + Printable.of(content.name()) + "\"");
        }
        folder.put(content.name(), content.content());
        Path file = folder.folder().resolve(content.name());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setLastModifiedTime(file, FileTime.fromMillis(0));
        sources.addNamed(folder.tree(), content.name(), false);
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Failure e) {
                System.getLogger("dev.rung.build")
                        .log(System.Logger.Level.WARNING, "after a copy: " + e.getMessage());
            } catch (Exception e) {
                throw new AssertionError("closing sources throws failures only", e);
            }
        }
    }
}
