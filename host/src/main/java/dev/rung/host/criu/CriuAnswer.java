package dev.rung.host.criu;

import dev.rung.domain.Failure;
import java.nio.ByteBuffer;

/**
 * What criu says, of type criu_resp.
 *
 * @param type of the request that it answers, or that of a notification
 * @param script the name of what it notifies of, empty when it does not
 * @param pid of the process that a notification is about, 0: none
 * @param error errno of a failure, 0: it has none
 */
public record CriuAnswer(int type, boolean success, String script, int pid, int error) {
    private static final int NOTIFY = 6;

    /** Whether it waits for {@link CriuRequest#goOn}. */
    public boolean isNotification() {
        return type == NOTIFY;
    }

    /** The failure that it tells of, in runc's words; why it is, only the log says. */
    public Failure failure() {
        return new Failure.HostRefused("criu failed: type " + name(type) + " errno " + error, null);
    }

    private static String name(int type) {
        return switch (type) {
            case 0 -> "EMPTY";
            case 1 -> "DUMP";
            case 2 -> "RESTORE";
            case 4 -> "PRE_DUMP";
            case NOTIFY -> "NOTIFY";
            default -> Integer.toString(type);
        };
    }

    /**
     * Reads one.
     *
     * @throws Failure.HostRefused when it is none
     */
    public static CriuAnswer read(ByteBuffer bytes) {
        int type = -1;
        boolean success = false;
        int error = 0;
        String script = "";
        int pid = 0;
        var answer = new MessageReader(bytes, CriuAnswer::nonsense);
        while (answer.next()) {
            if (answer.isNumber()) {
                switch (answer.field()) {
                    case 1 -> type = (int) answer.number();
                    case 2 -> success = answer.number() != 0;
                    case 7 -> error = (int) answer.number();
                    default -> {} // of later versions
                }
            } else if (answer.field() == 5) {
                MessageReader notification = answer.message();
                while (notification.next()) {
                    switch (notification.field()) {
                        case 1 -> script = notification.text();
                        case 2 -> pid = (int) notification.number();
                        default -> {} // of later versions
                    }
                }
            }
        }
        return new CriuAnswer(type, success, script, pid, error);
    }

    private static Failure nonsense() {
        return new Failure.HostRefused("criu failed: its answer is no message", null);
    }
}
