package dev.rung.host.compile;

import static dev.rung.program.FileStep.O_RDONLY;
import static dev.rung.program.SocketStep.AF_NETLINK;
import static dev.rung.program.SocketStep.SOCK_CLOEXEC;
import static dev.rung.program.SocketStep.SOCK_RAW;

import dev.rung.host.net.DeviceMove;
import dev.rung.program.Bytes;
import dev.rung.program.ControlStep.Load;
import dev.rung.program.ControlStep.Poke;
import dev.rung.program.Hole;
import dev.rung.program.Mark;
import dev.rung.program.Operand;
import dev.rung.program.ProcessStep.Setns;
import dev.rung.program.Slot;
import dev.rung.program.SocketStep.Receive;
import dev.rung.program.SocketStep.Send;
import dev.rung.program.SocketStep.Socket;
import java.util.Map;

/**
 * Network devices of the host that go into the container (config-linux.md "Network Devices"): steps
 * of the front end, which alone has rights in both namespaces. Never undone: devices come back or
 * end with the namespace, as the specification says.
 */
final class NetworkDevices {
    private static final int NETLINK_ROUTE = 0;
    private static final int ACK_SIZE = 64;
    private static final int ERROR_AT = 16;

    /** Some two hundred addresses. */
    private static final int SETTLE_SIZE = 16 << 10;

    private final Script s;
    private final Hole move;
    private final Hole settle;
    private final Hole sizes;
    private final Hole answer;

    private NetworkDevices(Script s) {
        this.s = s;
        this.move = s.hole(DeviceMove.MOVE_SIZE);
        this.settle = s.hole(SETTLE_SIZE);
        this.sizes = s.hole(8);
        this.answer = s.hole(ACK_SIZE);
    }

    /**
     * @param devices names inside by names outside, at least one
     * @param pid of a process that is in the container's network namespace
     */
    static void move(Script s, Map<String, String> devices, Slot pid) {
        var mover = new NetworkDevices(s);
        s.at("linux.netDevices", "unable to reach the container's network namespace");
        Slot process = s.openProcess("process", pid);
        Slot theirs = s.openat("containerNetwork", process, "ns/net", O_RDONLY, 0);
        s.close(process);
        Slot own = s.openat("ownNetwork", Operand.CWD, "/proc/self/ns/net", O_RDONLY, 0);
        Slot outside = s.slot("routes");
        Slot inside = s.slot("containerRoutes");
        mover.socket(outside);
        s.add(new Setns(theirs, Namespaces.NETWORK));
        mover.socket(inside);
        s.toleratingAll(); // we must come back first
        s.add(new Setns(own, Namespaces.NETWORK));
        s.close(own);
        for (Map.Entry<String, String> device : devices.entrySet()) {
            mover.one(device.getKey(), device.getValue(), theirs, outside, inside);
        }
        s.close(outside);
        s.close(inside);
        s.close(theirs);
    }

    private void socket(Slot into) {
        s.add(new Socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)).into(into);
    }

    private void one(String name, String wanted, Slot theirs, Slot outside, Slot inside) {
        String key = "linux.netDevices[" + Quoted.of(name) + "]";
        s.at(key, "unable to read network device " + name);
        s.add(new Send(outside, Bytes.of(DeviceMove.askForDevice(name))));
        s.add(new Send(inside, Bytes.of(DeviceMove.askForDevices())));
        s.phase(
                new Phase.MoveDevice(
                        key, name, wanted, move.at(), settle.at(), settle.size(), sizes.at()),
                outside,
                inside);
        s.at(key, "fail to move network device " + name + " to the container's network namespace");
        s.add(new Poke(theirs, move.part(DeviceMove.NAMESPACE_AT, 4)));
        Slot size = s.add("size", new Load(sizes.part(0, 4)));
        s.add(new Send(outside, move, size, 0));
        acknowledged(outside);
        s.at(key, "fail to set up interface " + name + " in the container's network namespace");
        s.add(new Load(sizes.part(4, 4))).into(size);
        s.add(new Send(inside, settle, size, 0));
        acknowledged(inside);
    }

    /**
     * Receives the answer, whose error becomes that of a step: behind its four bytes stand ones, so
     * that it is negative.
     */
    private void acknowledged(Slot socket) {
        Mark good = s.mark();
        s.add(new Receive(socket, answer, 0));
        s.skipIf(answer.part(ERROR_AT, 4), 0, good);
        s.add(new Poke(Operand.of(-1), answer.part(ERROR_AT + 4, 4)));
        s.add(new Load(answer.part(ERROR_AT, 8)));
        s.place(good);
    }
}
