package dev.rung.resident;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.linux.Fd;

/**
 * One of the caller's standard streams while all of it is passed on: the engine has a pipe, at
 * whose other end the front end stands. Nothing else may be asked of the front end meanwhile.
 */
public final class Passage implements AutoCloseable {
    private final Conversation conversation;
    private final Fd pipe;
    private boolean open = true;

    Passage(Conversation conversation, Fd pipe) {
        this.conversation = conversation;
        this.pipe = pipe;
    }

    /** Our end, to read what comes or to write what goes. */
    public Fd pipe() {
        return pipe;
    }

    /**
     * Ends it, and waits until the front end has passed on what it has. HostRefused when it could
     * not, as on a full disk.
     */
    public void finish() {
        if (!open) {
            return;
        }
        open = false;
        pipe.close();
        if (!(conversation.receive().frame() instanceof Frame.Pumped(int errno))) {
            throw new ConversationLost("another frame came in the place of a stream's end");
        }
        if (errno != 0) {
            throw new Failure.HostRefused("write to standard output: " + Errno.phrase(errno), null);
        }
    }

    /** Ends it wherever it is; what the front end has to say of it is dropped. */
    @Override
    public void close() {
        try {
            finish();
        } catch (Failure e) {
            // who closes without finishing has another failure to tell
        }
    }
}
