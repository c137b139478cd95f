package dev.rung.cli;

import dev.rung.build.BaseImages;
import dev.rung.build.BuildListener;
import dev.rung.build.BuildOrder;
import dev.rung.build.BuildOutcome;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A build on a thread of its own, with its errands on this one: a front end is spoken to by one
 * thread alone. When the front end goes, the build is ended.
 */
final class BuildErrands implements BuildListener, BaseImages {
    private static final long PATIENCE_MS = 500;
    private static final int MOST_WAITING = 1024;

    private final Invocation call;
    private final LinkedBlockingQueue<BuildErrand> errands =
            new LinkedBlockingQueue<>(MOST_WAITING);

    BuildErrands(Invocation call) {
        this.call = call;
    }

    BuildOutcome run(BuildOrder order, BuildInput input, Consumer<BuildErrand.Tell> shown) {
        var build = new FutureTask<>(() -> build(order, input));
        Thread working =
                Thread.ofPlatform()
                        .name("build")
                        .start(() -> {
                            build.run();
                            input.readNoMore();
                            add(new BuildErrand.Done(build));
                        });
        boolean done = false;
        try {
            input.awaitRead();
            while (true) {
                BuildErrand errand = errands.poll(PATIENCE_MS, TimeUnit.MILLISECONDS);
                switch (errand) {
                    case null -> call.caller().checkThere();
                    case BuildErrand.Tell told -> shown.accept(told);
                    case BuildErrand.Ask(FutureTask<Boolean> question) -> question.run();
                    case BuildErrand.Done(FutureTask<BuildOutcome> ended) -> {
                        done = true;
                        return ended.get();
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Failure failure) {
                throw failure;
            }
            throw new Failure.Unavailable("build: " + e.getMessage(), e);
        } finally {
            if (!done) {
                working.interrupt();
                awaitEnd(working);
            }
        }
    }

    /** What the build opened is closed only when it has ended; what it still tells is lost. */
    private void awaitEnd(Thread working) {
        boolean interrupted = false;
        while (working.isAlive()) {
            for (BuildErrand errand = errands.poll(); errand != null; errand = errands.poll()) {
                if (errand instanceof BuildErrand.Ask(FutureTask<Boolean> question)) {
                    question.cancel(false);
                }
            }
            try {
                working.join(PATIENCE_MS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private BuildOutcome build(BuildOrder order, BuildInput input)
            throws InterruptedException, IOException {
        try (InputStream context = input.archive()) {
            return call.services().builder().build(order, context, this, this);
        }
    }

    private void add(BuildErrand errand) {
        boolean interrupted = false;
        while (true) {
            try {
                errands.put(errand);
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void text(String text) {
        add(new BuildErrand.Tell(text, false));
    }

    @Override
    public void error(String text) {
        add(new BuildErrand.Tell(text, true));
    }

    @Override
    public void made(Digest id) {
        // told at the end
    }

    @Override
    public void pull(String name, String platform, Consumer<String> line)
            throws InterruptedException {
        var question =
                new FutureTask<>(() -> {
                    call.services()
                            .transfer()
                            .pull(name, platform, PersonalConfig.of(call), LayerLines.plain(line));
                    return true;
                });
        add(new BuildErrand.Ask(question));
        try {
            question.get();
        } catch (CancellationException e) {
            throw new InterruptedException("nobody can be asked any more");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Failure failure) {
                throw failure;
            }
            throw new Failure.Unavailable("pull " + name, e.getCause());
        }
    }
}
