package dev.rung.host.seccomp;

import org.jspecify.annotations.Nullable;

/**
 * The calls behind socketcall(2) and ipc(2), by the numbers of linux/net.h and linux/ipc.h.
 *
 * @param name of the system call that stands for many
 * @param call which of them, its first argument
 */
record Multiplexer(String name, int call) {
    private static final String SOCKETCALL = "socketcall";
    private static final String IPC = "ipc";

    /** How that call is reached on architectures that multiplex; null when only directly. */
    static @Nullable Multiplexer of(String syscall) {
        return switch (syscall) {
            case "socket" -> new Multiplexer(SOCKETCALL, 1);
            case "bind" -> new Multiplexer(SOCKETCALL, 2);
            case "connect" -> new Multiplexer(SOCKETCALL, 3);
            case "listen" -> new Multiplexer(SOCKETCALL, 4);
            case "accept" -> new Multiplexer(SOCKETCALL, 5);
            case "getsockname" -> new Multiplexer(SOCKETCALL, 6);
            case "getpeername" -> new Multiplexer(SOCKETCALL, 7);
            case "socketpair" -> new Multiplexer(SOCKETCALL, 8);
            case "send" -> new Multiplexer(SOCKETCALL, 9);
            case "recv" -> new Multiplexer(SOCKETCALL, 10);
            case "sendto" -> new Multiplexer(SOCKETCALL, 11);
            case "recvfrom" -> new Multiplexer(SOCKETCALL, 12);
            case "shutdown" -> new Multiplexer(SOCKETCALL, 13);
            case "setsockopt" -> new Multiplexer(SOCKETCALL, 14);
            case "getsockopt" -> new Multiplexer(SOCKETCALL, 15);
            case "sendmsg" -> new Multiplexer(SOCKETCALL, 16);
            case "recvmsg" -> new Multiplexer(SOCKETCALL, 17);
            case "accept4" -> new Multiplexer(SOCKETCALL, 18);
            case "recvmmsg" -> new Multiplexer(SOCKETCALL, 19);
            case "sendmmsg" -> new Multiplexer(SOCKETCALL, 20);
            case "semop" -> new Multiplexer(IPC, 1);
            case "semget" -> new Multiplexer(IPC, 2);
            case "semctl" -> new Multiplexer(IPC, 3);
            case "semtimedop" -> new Multiplexer(IPC, 4);
            case "msgsnd" -> new Multiplexer(IPC, 11);
            case "msgrcv" -> new Multiplexer(IPC, 12);
            case "msgget" -> new Multiplexer(IPC, 13);
            case "msgctl" -> new Multiplexer(IPC, 14);
            case "shmat" -> new Multiplexer(IPC, 21);
            case "shmdt" -> new Multiplexer(IPC, 22);
            case "shmget" -> new Multiplexer(IPC, 23);
            case "shmctl" -> new Multiplexer(IPC, 24);
            default -> null;
        };
    }
}
