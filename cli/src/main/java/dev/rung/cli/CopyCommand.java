package dev.rung.cli;

import dev.rung.domain.KernelPath;
import dev.rung.engine.CopyFiles;
import dev.rung.engine.FileSide;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.resident.Ending;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Request;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/** "cp". */
final class CopyCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "cp",
                "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|- | SRC_PATH|- CONTAINER:DEST_PATH",
                "Copy files/folders between a container and the local filesystem",
                WordCount.exactly(2));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("-a --archive", "Archive mode (copy all uid/gid information)"),
                Switch.flag("-L --follow-link", "Always follow symbol link in SRC_PATH"),
                Switch.flag("-q --quiet", "Suppress progress output during copy"));
    }

    @Override
    public List<String> examples() {
        return List.of("cp web:/etc/nginx .", "cp page.html web:/srv/", "cp web:/srv - | tar -t");
    }

    /** A path in a container. */
    private record Inside(String container, String path) {
        /**
         * Null for a path of the person's: one that begins with a slash or dot, or has no colon.
         */
        static @Nullable Inside of(String text) {
            int colon = text.indexOf(':');
            boolean local = text.startsWith("/") || text.startsWith(".") || colon < 0;
            return local || colon == 0
                    ? null
                    : new Inside(text.substring(0, colon), text.substring(colon + 1));
        }
    }

    @Override
    public Ending run(Invocation call) throws IOException {
        String first = call.words().getFirst();
        String second = call.words().getLast();
        Inside from = Inside.of(first);
        Inside to = Inside.of(second);
        if (from != null && to != null) {
            throw new UsageError("copying between containers is not supported", 1);
        }
        CopyFiles files = call.services().engine().files();
        if (from != null) {
            checkPath(from);
            out(call, files, from, second);
        } else if (to != null) {
            checkPath(to);
            in(call, files, to, first);
        } else {
            throw new UsageError("must specify at least one container source", 1);
        }
        return DONE;
    }

    private static void checkPath(Inside inside) {
        if (inside.path.isEmpty()) {
            throw new UsageError("path in container \"" + inside.container + "\" is missing", 1);
        }
    }

    private static void out(Invocation call, CopyFiles files, Inside from, String target)
            throws IOException {
        boolean follows = call.flag("-L");
        if (target.equals("-")) {
            if (call.caller().request().terminals().out()) {
                throw new UsageError("cowardly refusing to save to a terminal", 1);
            }
            call.services().containers().get(from.container);
            Sink.write(call, "", out -> files.archive(from.container, from.path, follows, out));
            return;
        }
        files.out(from.container, from.path, side(call), local(call, target), way(call));
    }

    private static void in(Invocation call, CopyFiles files, Inside to, String source)
            throws IOException {
        if (source.equals("-")) {
            call.services().containers().get(to.container);
            try (Source input = Source.input(call)) {
                files.extract(to.container, to.path, input.stream());
            }
            return;
        }
        files.in(to.container, to.path, side(call), local(call, source), way(call));
    }

    private static CopyFiles.Way way(Invocation call) {
        Request request = call.caller().request();
        return new CopyFiles.Way(call.flag("-L"), call.flag("-a"), request.uid(), request.gid());
    }

    /** Absolute; "." and ".." at the end mean folders, of which the names are not known. */
    private static String local(Invocation call, String path) {
        String whole = call.absolute(path);
        return path.equals(".") || path.equals("..") || path.endsWith("/..") ? whole + "/." : whole;
    }

    /** The person's files, opened by the front end with the person's rights. */
    private static FileSide side(Invocation call) {
        return new FileSide() {
            @Override
            public Fd open(KernelPath path, int flags) throws ErrnoException {
                return call.caller().open(new OpenRequest(null, path, flags, 0)).orThrow(path);
            }

            @Override
            public String missing(KernelPath path) {
                return "lstat " + path + ": no such file or directory";
            }
        };
    }
}
