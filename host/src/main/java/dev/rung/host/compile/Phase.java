package dev.rung.host.compile;

import dev.rung.host.cgroup.ContainerCgroups.DeviceLimits;
import dev.rung.host.systemd.Property;
import dev.rung.host.systemd.ScopeUnit;
import dev.rung.oci.Resources;
import java.util.List;

/**
 * What the resident is asked to do while a program waits: work that needs a loop over somebody
 * else's data.
 */
public sealed interface Phase {
    /**
     * Find the home of a user in the container's /etc/passwd, which descriptor 0 is open on for
     * reading, or which is not there when there is no descriptor; answer with "HOME=/its/home" and
     * a NUL.
     *
     * @param uid whose
     * @param at where the answer goes in the data area
     * @param room how many bytes it may have with its NUL
     */
    record Home(long uid, int at, int room) implements Phase {}

    /**
     * Compare the schemata of a resctrl group (descriptor 0) with lines that a config wants there.
     *
     * @param folder of the group, for messages
     */
    record CompareSchemata(String folder, List<String> wanted) implements Phase {
        public CompareSchemata {
            wanted = List.copyOf(wanted);
        }
    }

    /**
     * Read what the kernel says of a network device and its addresses (descriptor 0), and which
     * devices the container has (descriptor 1), which both were asked; answer with two messages
     * (rtnetlink(7)) and their sizes, 4 bytes each.
     *
     * @param key of the config
     * @param name outside
     * @param wanted inside
     * @param move where the message that moves it goes
     * @param settle where that goes which gives it addresses and raises it
     * @param room how long that may be
     * @param sizes where the two sizes go
     */
    record MoveDevice(
            String key, String name, String wanted, int move, int settle, int room, int sizes)
            implements Phase {}

    /**
     * Have systemd make the container's unit, over a connection to it (descriptor 0), with the
     * process whose stat of proc(5) descriptor 1 is open on; and set its limits.
     *
     * @param throughBus whether the connection is to a bus, not to systemd itself
     * @param given properties of the config's own choice
     * @param unified whether cgroups are of version 2
     */
    record StartUnit(
            boolean throughBus,
            ScopeUnit unit,
            List<Property> given,
            Resources resources,
            DeviceLimits devices,
            boolean unified)
            implements Phase {
        public StartUnit {
            given = List.copyOf(given);
        }
    }

    /**
     * Speak with criu over its socket (descriptor 0): send a message, answer what it notifies of,
     * and stop at the notification asked for, unanswered; or at its last answer. The master of a
     * terminal that it finds goes to the socket of descriptor 1.
     *
     * @param message the first to send
     * @param until a notification; empty: to the end
     * @param pid where the number of the process that the notification is about goes, 4 bytes; 0:
     *     nowhere
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Criu(byte[] message, String until, int pid) implements Phase {
        static Criu toItsEnd(byte[] message) {
            return new Criu(message, "", 0);
        }
    }

    /**
     * Refuse a folder (descriptor 0) that another than its users may have put something into.
     *
     * @param path for messages
     * @param uid of who may, beside root
     */
    record CheckOwner(String path, long uid) implements Phase {}
}
