package dev.rung.host.compile;

import dev.rung.domain.ContainerId;
import dev.rung.host.systemd.SystemdAddress;
import org.jspecify.annotations.Nullable;

/**
 * What the caller wants besides config.json: one call of create or run.
 *
 * @param act how far to go
 * @param stateRoot the folder of all containers' state, absolute
 * @param bundle absolute and clean; relative paths of the config are meant from here
 * @param config the bytes of config.json, kept beside the state
 * @param created the moment, as RFC 3339
 * @param owner the name of the caller's user, empty if unknown
 * @param consoleSocket where to send the terminal to; null with a terminal: to the caller itself
 * @param callerTerminal without a console socket: which of the caller's streams is its terminal;
 *     -1: its controlling terminal must be
 * @param pidFile absolute, null: none
 * @param pidfdSocket where to send a descriptor of the process to, null: nowhere
 * @param notifySocket NOTIFY_SOCKET of the caller, null: the process notifies nobody
 * @param preserveFds how many descriptors from 3 on the process gets, those of socket activation
 *     among them
 * @param listenFds how many of them are of socket activation
 * @param inheritedFds how many from 3 on the front end has of its caller; what the process does not
 *     get must not stay open in a container that waits for start
 * @param subreaper whether the front end becomes the parent of processes that outlive theirs
 * @param noPivot move the root and chroot, for a root that is a ramdisk
 * @param noNewKeyring stay in the caller's session keyring
 * @param rootlessCgroups whether failing to make or to set cgroups is no failure
 * @param systemd which makes the container's unit, null: the program makes cgroups by itself
 * @param home HOME of the process when its environment has none; null: not known before the
 *     container's passwd can be read
 * @param hostMounts of a container without a mount namespace: where its mounts will be; null: in no
 *     namespace that outlives it
 * @param timings null: nobody asks how long it takes
 */
@SuppressWarnings("ArrayRecordComponent")
public record ContainerRequest(
        ContainerId id,
        Act act,
        String stateRoot,
        String bundle,
        byte[] config,
        String created,
        String owner,
        @Nullable String consoleSocket,
        int callerTerminal,
        @Nullable String pidFile,
        @Nullable String pidfdSocket,
        @Nullable String notifySocket,
        int preserveFds,
        int listenFds,
        int inheritedFds,
        boolean subreaper,
        boolean noPivot,
        boolean noNewKeyring,
        boolean rootlessCgroups,
        @Nullable SystemdAddress systemd,
        @Nullable String home,
        @Nullable HostMounts hostMounts,
        @Nullable Timings timings) {

    /** Which verb asked. */
    public enum Act {
        /** The container waits for start. */
        CREATE,
        /** It is started at once, and the caller waits for its end. */
        RUN,
        /** It is started at once and left alone. */
        RUN_DETACHED
    }

    /** The folder of the container's state. */
    String stateFolder() {
        return stateRoot + "/" + id.value();
    }

    /** Whether the process runs as soon as it is made. */
    public boolean starts() {
        return act != Act.CREATE;
    }
}
