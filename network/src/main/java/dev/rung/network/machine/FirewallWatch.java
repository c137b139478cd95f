package dev.rung.network.machine;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.NetlinkSocket;
import java.time.Duration;

/**
 * Hears when somebody changes packet rules, such as a firewall that is reloaded or started after us
 * and flushes everything, and has ours mended a moment later. Costs nothing while nobody does.
 */
public final class FirewallWatch implements AutoCloseable {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30); // until a close is seen
    private static final int SETTLING_MILLISECONDS = 200; // a reload comes in several batches

    /** Where changes are heard, as PacketRules.changes. */
    @FunctionalInterface
    public interface Source {
        NetlinkSocket open() throws ErrnoException;
    }

    private final Source source;
    private final Runnable mend;
    private volatile boolean closed;
    private boolean started;

    /** The source is opened when listening starts. */
    public FirewallWatch(Source source, Runnable mend) {
        this.source = source;
        this.mend = mend;
    }

    /** Starts to listen, once. */
    public synchronized void start() {
        if (started) {
            return;
        }
        started = true;
        NetlinkSocket changes;
        try {
            changes = source.open();
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("watch packet rules: " + e.getMessage(), e);
        }
        // a blocking call would hold a virtual thread's carrier
        Thread.ofPlatform().name("network-rules").daemon().start(() -> listen(changes));
    }

    private void listen(NetlinkSocket changes) {
        try (changes) {
            while (!closed) {
                if (comes(changes) && !closed) {
                    Thread.sleep(SETTLING_MILLISECONDS);
                    mendOnce();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ErrnoException e) {
            warn("packet rules are not watched any more", e);
        }
    }

    private static boolean comes(NetlinkSocket changes) throws ErrnoException {
        try {
            changes.await(LONGEST_WAIT);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EAGAIN) {
                return false;
            } else if (e.errno() == Errno.ENOBUFS) {
                return true; // so many that some got lost
            }
            throw e;
        }
    }

    private void mendOnce() {
        try {
            mend.run();
        } catch (Failure e) {
            warn("packet rules could not be mended", e);
        }
    }

    /** The logger is looked up only now: that takes tens of milliseconds. */
    private static void warn(String what, Exception e) {
        System.getLogger("dev.rung.network").log(System.Logger.Level.WARNING, what, e);
    }

    @Override
    public void close() {
        closed = true;
    }
}
