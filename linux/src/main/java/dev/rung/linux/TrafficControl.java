package dev.rung.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Queues in which packets wait for links (tc(8), linux/pkt_sched.h), in the network namespace that
 * the socket speaks for. A link's queues go with it. ENOENT where the kernel lacks a kind of them.
 */
public final class TrafficControl {
    private static final int RTM_NEWQDISC = 36;
    private static final int RTM_GETQDISC = 38;
    private static final int RTM_NEWTFILTER = 44;
    private static final int TCMSG_BYTES = 20; // struct tcmsg
    private static final int TCA_KIND = 1;
    private static final int TCA_OPTIONS = 2;
    private static final int TCA_TBF_PARMS = 1;
    private static final int TCA_TBF_RATE64 = 4;
    private static final int TBF_BYTES = 36; // struct tc_tbf_qopt
    private static final int TBF_RATE = 8;
    private static final int TBF_LIMIT = 24;
    private static final int TBF_BUFFER = 28;
    private static final int TCA_U32_CLASSID = 1;
    private static final int TCA_U32_SEL = 5;
    private static final int TCA_U32_ACT = 7;
    private static final int SELECTOR_BYTES = 32; // struct tc_u32_sel with one key, which is empty
    private static final byte TERMINAL = 1;
    private static final int TCA_ACT_KIND = 1;
    private static final int TCA_ACT_OPTIONS = 2;
    private static final int TCA_MIRRED_PARMS = 2;
    private static final int MIRRED_BYTES = 28; // struct tc_mirred
    private static final int STOLEN = 4;
    private static final int EGRESS_REDIRECT = 1;

    private static final int ROOT = 0xffff_ffff;
    private static final int INGRESS = 0xffff_fff1;
    private static final int FIRST = 0x1_0000; // 1:
    private static final int FIRST_CLASS = 0x1_0001; // 1:1
    private static final int INGRESS_HANDLE = 0xffff_0000;
    private static final int FIRST_OF_ALL_PROTOCOLS =
            1 << 16 | 3 << 8; // ETH_P_ALL, high byte first

    private final NetlinkSocket socket;

    public TrafficControl(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * A token bucket, which lets packets through at a rate.
     *
     * @param rate in bytes a second
     * @param limit how many bytes may wait
     * @param buffer how long the largest burst takes at that rate, in the kernel's ticks of 64
     *     nanoseconds
     */
    public record Bucket(long rate, int limit, int buffer) {}

    /**
     * Puts a bucket, 1:, before all that the link sends; EEXIST when another queue was put there.
     */
    public void limit(int link, Bucket bucket) throws ErrnoException {
        var message = queue(link, FIRST, ROOT).text(TCA_KIND, "tbf").open(TCA_OPTIONS);
        boolean wide = bucket.rate > 0xffff_ffffL;
        byte[] parameters =
                buffer(TBF_BYTES)
                        .putInt(TBF_RATE, wide ? -1 : (int) bucket.rate)
                        .putInt(TBF_LIMIT, bucket.limit)
                        .putInt(TBF_BUFFER, bucket.buffer)
                        .array();
        message.attribute(TCA_TBF_PARMS, parameters);
        if (wide) {
            message.attribute(TCA_TBF_RATE64, buffer(Long.BYTES).putLong(0, bucket.rate).array());
        }
        socket.request("create qdisc", message.close());
    }

    /** Has all that comes in by a link (the queue ffff:) be sent by another one instead. */
    public void redirect(int link, int target) throws ErrnoException {
        var ingress = queue(link, INGRESS_HANDLE, INGRESS).text(TCA_KIND, "ingress");
        socket.request("create ingress qdisc", ingress);
        var filter = new NetlinkWriter().message(RTM_NEWTFILTER, NetlinkSocket.CREATE);
        tcmsg(filter, link, 0, INGRESS_HANDLE, FIRST_OF_ALL_PROTOCOLS);
        filter.text(TCA_KIND, "u32").open(TCA_OPTIONS);
        filter.attribute(
                TCA_U32_SEL, buffer(SELECTOR_BYTES).put(0, TERMINAL).put(2, (byte) 1).array());
        filter.integer(TCA_U32_CLASSID, FIRST_CLASS);
        filter.open(TCA_U32_ACT).open(1).text(TCA_ACT_KIND, "mirred").open(TCA_ACT_OPTIONS);
        byte[] mirred =
                buffer(MIRRED_BYTES)
                        .putInt(8, STOLEN)
                        .putInt(20, EGRESS_REDIRECT)
                        .putInt(24, target)
                        .array();
        filter.attribute(TCA_MIRRED_PARMS, mirred).close().close().close().close();
        socket.request("add filter", filter);
    }

    /** The bucket before all that the link sends, null when there is none. */
    public @Nullable Bucket bucket(int link) throws ErrnoException {
        var message = new NetlinkWriter().message(RTM_GETQDISC, NetlinkSocket.DUMP);
        tcmsg(message, link, 0, 0, 0);
        List<NetlinkMessage> queues = socket.dump("list qdiscs", message, TCMSG_BYTES);
        for (NetlinkMessage queue : queues) {
            NetlinkMessage options = queue.nested(TCA_OPTIONS);
            boolean own = queue.fixedInt(4) == link && queue.fixedInt(12) == ROOT;
            if (own && options != null && "tbf".equals(queue.text(TCA_KIND))) {
                byte[] parameters = options.get(TCA_TBF_PARMS);
                byte[] wide = options.get(TCA_TBF_RATE64);
                return parameters == null ? null : bucket(parameters, wide);
            }
        }
        return null;
    }

    private static Bucket bucket(byte[] parameters, byte @Nullable [] wide) {
        ByteBuffer numbers = ByteBuffer.wrap(parameters).order(ByteOrder.nativeOrder());
        long rate =
                wide == null
                        ? Integer.toUnsignedLong(numbers.getInt(TBF_RATE))
                        : ByteBuffer.wrap(wide).order(ByteOrder.nativeOrder()).getLong();
        return new Bucket(rate, numbers.getInt(TBF_LIMIT), numbers.getInt(TBF_BUFFER));
    }

    private static NetlinkWriter queue(int link, int handle, int parent) {
        var message = new NetlinkWriter().message(RTM_NEWQDISC, NetlinkSocket.CREATE);
        tcmsg(message, link, handle, parent, 0);
        return message;
    }

    private static void tcmsg(
            NetlinkWriter message, int link, int handle, int parent, int information) {
        message.fixedInt(0).fixedInt(link);
        message.fixedInt(handle).fixedInt(parent).fixedInt(information);
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }
}
