package dev.rung.daemon;

import dev.rung.domain.Failure;
import dev.rung.image.registry.CredentialSource;
import dev.rung.image.registry.Credentials;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A job of many threads, which has things to tell and to ask of a person whose front end is spoken
 * to by one thread alone.
 *
 * @param <T> what comes of the job
 */
final class Errands<T> implements CredentialSource {
    private static final int PATIENCE_MS = 500;

    private final LinkedBlockingQueue<Errand> errands = new LinkedBlockingQueue<>();
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final Map<String, String> proxies;

    /** Proxies as the person's environment names them. */
    Errands(Map<String, String> proxies) {
        this.proxies = proxies;
    }

    private sealed interface Errand {
        record Tell(Runnable act) implements Errand {}

        record Ask(String registry, CompletableFuture<Credentials> answer) implements Errand {}

        record Done() implements Errand {}
    }

    /** The job itself; interrupted when the person has gone. */
    interface Job<T> {
        T run() throws InterruptedException;
    }

    /**
     * Runs the job on a thread of its own, and its errands on this one, to their end.
     *
     * @param check throws when the person has gone, who may do so while there is nothing to tell
     */
    T run(String name, Job<T> job, CredentialSource credentials, Runnable check) {
        Thread working = Thread.ofVirtual().name(name).start(() -> work(job));
        try {
            while (true) {
                Errand errand = errands.poll(PATIENCE_MS, TimeUnit.MILLISECONDS);
                if (errand == null) {
                    check.run();
                } else if (!serve(errand, credentials)) {
                    return result.get();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Failure failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            working.interrupt(); // nothing to interrupt, unless the person has gone
        }
    }

    private void work(Job<T> job) {
        try {
            result.complete(job.run());
        } catch (InterruptedException | RuntimeException | Error e) {
            result.completeExceptionally(e);
        } finally {
            errands.add(new Errand.Done());
        }
    }

    private static boolean serve(Errand errand, CredentialSource credentials) {
        switch (errand) {
            case Errand.Tell(Runnable act) -> act.run();
            case Errand.Ask(String registry, CompletableFuture<Credentials> answer) -> {
                try {
                    answer.complete(credentials.find(registry));
                } catch (Failure e) {
                    answer.completeExceptionally(e);
                }
            }
            case Errand.Done _ -> {
                return false;
            }
        }
        return true;
    }

    /** From any thread of the job: what the thread does that speaks to the person. */
    void tell(Runnable act) {
        errands.add(new Errand.Tell(act));
    }

    @Override
    public Map<String, String> proxies() {
        return proxies;
    }

    /** Waits for the person's side. */
    @Override
    public Credentials find(String registry) {
        var answer = new CompletableFuture<Credentials>();
        errands.add(new Errand.Ask(registry, answer));
        try {
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Failure failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
