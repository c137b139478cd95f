package dev.rung.daemon;

import dev.rung.domain.Failure;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.SignalFiles;
import java.util.List;

/** SIGHUP has the engine read its configuration anew, as dockerd; what comes of it is logged. */
final class Hangups {
    private static final System.Logger LOG = System.getLogger("dev.rung.daemon");

    private Hangups() {}

    static void answer(Control control) {
        Thread.ofPlatform().daemon().name("hangups").start(() -> serve(control));
    }

    private static void serve(Control control) {
        try (Fd signals = SignalFiles.hangups()) {
            while (true) {
                SignalFiles.await(signals);
                reload(control);
            }
        } catch (ErrnoException e) {
            LOG.log(System.Logger.Level.WARNING, "wait for SIGHUP: " + e.getMessage());
        }
    }

    private static void reload(Control control) {
        try {
            List<String> remarks = control.reload();
            LOG.log(System.Logger.Level.INFO, "the configuration was read anew");
            for (String remark : remarks) {
                LOG.log(System.Logger.Level.WARNING, remark);
            }
        } catch (Failure e) {
            LOG.log(System.Logger.Level.WARNING, "the configuration stays: " + e.getMessage());
        }
    }
}
