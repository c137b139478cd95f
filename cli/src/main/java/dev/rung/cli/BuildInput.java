package dev.rung.cli;

import dev.rung.build.dockerfile.IgnorePatterns;
import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.domain.Printable;
import dev.rung.domain.RawText;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FdInputStream;
import dev.rung.linux.Paths;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Passage;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Where a build comes from: a folder of the person's, an archive or a Dockerfile on stdin, or an
 * address. What belongs to the person is opened by the front end, and from there on by descriptors.
 */
final class BuildInput implements AutoCloseable {
    private static final int LARGEST_IGNORE = 4 << 20;
    private static final int LARGEST_TEXT = 8 << 20;
    private static final int TAR_MAGIC = 257;
    private static final int TAR_BLOCK = 512;
    private static final int BELOW = 0x02 | 0x08; // RESOLVE_NO_MAGICLINKS, RESOLVE_BENEATH

    private final Invocation call;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private String remote = "";
    private String dockerfile = "";
    private @Nullable String text;
    private @Nullable Fd folder;
    private IgnorePatterns ignored = IgnorePatterns.NONE;
    private @Nullable Fd input;
    private byte[] head = new byte[0];
    private @Nullable Passage standardInput;
    private final CountDownLatch read = new CountDownLatch(1);

    private BuildInput(Invocation call) {
        this.call = call;
    }

    static BuildInput of(Invocation call) throws IOException {
        var input = new BuildInput(call);
        boolean done = false;
        try {
            input.read(call.words().getFirst(), call.text("--file"));
            done = true;
            return input;
        } finally {
            if (!done) {
                input.close();
            }
        }
    }

    private void read(String context, String file) throws IOException {
        if (context.equals("-")) {
            if (file.equals("-")) {
                throw new UsageError(
                        "invalid argument: can't use stdin for both build context and dockerfile",
                        1);
            }
            dockerfile = file;
            standardInput();
        } else if (isRemote(context)) {
            remote = context;
            dockerfile = file;
        } else {
            folder(context, file);
        }
    }

    private static boolean isRemote(String context) {
        return context.startsWith("http://")
                || context.startsWith("https://")
                || context.startsWith("git://")
                || context.startsWith("git@")
                || context.startsWith("github.com/");
    }

    private void folder(String context, String file) {
        KernelPath path = KernelPath.of(RawText.encode(context));
        try {
            folder =
                    call.caller()
                            .open(new OpenRequest(null, path, Paths.O_DIRECTORY, 0))
                            .orThrow(context);
            open.push(folder);
        } catch (ErrnoException e) {
            throw new Failure.Invalid(
                    e.errno() == Errno.ENOENT
                            ? "unable to prepare context: path \""
                                    + Printable.of(context)
                                    + "\" not found"
                            : "unable to prepare context: "
                                    + Printable.of(context)
                                    + ": "
                                    + Errno.phrase(e.errno()));
        }
        String ignoring = null;
        if (file.equals("-")) {
            text = new String(call.caller().readInput(LARGEST_TEXT), StandardCharsets.UTF_8);
        } else {
            String whole = file.isEmpty() ? context + "/Dockerfile" : file;
            text = person(whole);
            if (text == null && file.isEmpty()) {
                text = person(context + "/dockerfile");
            }
            if (text == null) {
                throw new Failure.Invalid(
                        "unable to prepare context: unable to evaluate symlinks in Dockerfile"
                                + " path: lstat "
                                + Printable.of(call.absolute(whole))
                                + ": no such file or directory");
            }
            ignoring = person(whole + ".dockerignore");
        }
        ignored =
                IgnorePatterns.parse(
                        ignoring == null ? inFolder(".dockerignore") : RawText.encode(ignoring));
    }

    /** A file of the person's; null when there is none. */
    private @Nullable String person(String path) {
        try (Fd file = call.caller().open(OpenRequest.reading(path)).orThrow(path)) {
            return new String(Descriptors.readAll(file, LARGEST_TEXT), StandardCharsets.UTF_8);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw new Failure.Invalid(
                    "open " + Printable.of(path) + ": " + Errno.phrase(e.errno()));
        }
    }

    private byte[] inFolder(String name) {
        try (Fd file = Paths.open(folder, KernelPath.of(name), 0, 0, BELOW)) {
            return Descriptors.readAll(file, LARGEST_IGNORE);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return new byte[0];
            }
            throw new Failure.Invalid("open " + name + ": " + Errno.phrase(e.errno()));
        }
    }

    /** What begins as no archive is a Dockerfile. */
    private void standardInput() throws IOException {
        Passage passage = call.caller().input();
        open.push(passage);
        Fd pipe = passage.pipe();
        try (var stream = new FdInputStream(pipe, "standard input")) {
            head = stream.readNBytes(TAR_BLOCK);
            if (!isArchive(head)) {
                byte[] rest = stream.readNBytes(LARGEST_TEXT);
                var all = new byte[head.length + rest.length];
                System.arraycopy(head, 0, all, 0, head.length);
                System.arraycopy(rest, 0, all, head.length, rest.length);
                text = new String(all, StandardCharsets.UTF_8);
                passage.close();
                return;
            }
        }
        input = pipe;
        standardInput = passage;
    }

    private static boolean isArchive(byte[] head) {
        boolean compressed =
                head.length > 3
                        && (head[0] == 0x1f && (head[1] & 0xff) == 0x8b
                                || head[0] == 'B' && head[1] == 'Z' && head[2] == 'h'
                                || (head[0] & 0xff) == 0xfd && head[1] == '7'
                                || head[0] == 0x28 && (head[1] & 0xff) == 0xb5);
        return compressed
                || head.length == TAR_BLOCK
                        && head[TAR_MAGIC] == 'u'
                        && head[TAR_MAGIC + 1] == 's'
                        && head[TAR_MAGIC + 2] == 't'
                        && head[TAR_MAGIC + 3] == 'a'
                        && head[TAR_MAGIC + 4] == 'r';
    }

    String remote() {
        return remote;
    }

    /** Its path in the context, where that comes as a whole. */
    String dockerfile() {
        return dockerfile;
    }

    /** The Dockerfile where it does not; else null. */
    @Nullable String text() {
        return text;
    }

    /** The context as an archive, to be read and closed by the thread that calls; null for none. */
    @Nullable InputStream archive() throws IOException {
        Fd from = folder;
        if (from != null) {
            return new ContextStream(out -> ContextArchive.write(from, ignored, out));
        }
        Fd pipe = input;
        if (pipe == null) {
            return null;
        }
        var rest = new BufferedInputStream(new FdInputStream(pipe, "standard input"));
        return new Watched(new SequenceInputStream(new ByteArrayInputStream(head), rest));
    }

    /** Waits until nothing more is read of the person's stdin: then there is talk again. */
    void awaitRead() throws InterruptedException {
        Passage passage = standardInput;
        if (passage != null) {
            read.await();
            passage.close();
        }
    }

    /** Nobody waits for it any more. */
    void readNoMore() {
        read.countDown();
    }

    /** Tells that its end was reached. */
    private final class Watched extends FilterInputStream {
        Watched(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            return told(in.read());
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return told(in.read(bytes, offset, length));
        }

        private int told(int result) {
            if (result < 0) {
                readNoMore();
            }
            return result;
        }
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new AssertionError("descriptors are closed without checked exceptions", e);
            }
        }
    }
}
