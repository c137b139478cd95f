package dev.rung.cli;

import dev.rung.cli.show.LayerBars;
import java.util.function.Consumer;

/** How transfers of images are shown on a person's streams. */
final class LayerLines {
    private LayerLines() {}

    /** On stdout: a line a layer that changes where that is a terminal, else one a status. */
    static TransferDisplay onOutput(Invocation call, boolean quiet) {
        if (quiet) {
            return plain(_ -> {}, call.caller()::checkThere);
        }
        return call.caller().request().terminals().out()
                ? bars(new LayerBars(Terminal.width(call), call::out), call.caller()::checkThere)
                : plain(text -> call.out(text + "\n"), call.caller()::checkThere);
    }

    /** The same on stderr. */
    static TransferDisplay onErrors(Invocation call, boolean quiet) {
        if (quiet) {
            return plain(_ -> {}, call.caller()::checkThere);
        }
        return call.caller().request().terminals().err()
                ? bars(
                        new LayerBars(Terminal.widthOfErrors(call), call::err),
                        call.caller()::checkThere)
                : plain(text -> call.err(text + "\n"), call.caller()::checkThere);
    }

    /** A line a status, for somebody whose presence is looked at elsewhere. */
    static TransferDisplay plain(Consumer<String> line) {
        return plain(line, () -> {});
    }

    private static TransferDisplay plain(Consumer<String> line, Runnable check) {
        return new TransferDisplay() {
            @Override
            public void line(String text) {
                line.accept(text);
            }

            @Override
            public void layer(String id, String status) {
                line.accept(id + ": " + status);
            }

            @Override
            public void moving(String id, String status, long bytes, long size) {}

            @Override
            public void checkThere() {
                check.run();
            }
        };
    }

    private static TransferDisplay bars(LayerBars bars, Runnable check) {
        return new TransferDisplay() {
            @Override
            public void line(String text) {
                bars.line(text);
            }

            @Override
            public void layer(String id, String status) {
                bars.put(id, status);
            }

            @Override
            public void moving(String id, String status, long bytes, long size) {
                bars.put(id, status, bytes, size);
            }

            @Override
            public void checkThere() {
                check.run();
            }
        };
    }
}
