package dev.rung.network.cni;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Errno;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Links;
import dev.rung.linux.NetlinkSocket;
import dev.rung.linux.TrafficControl;
import dev.rung.network.cni.Capabilities.Bandwidth;
import dev.rung.oci.json.JsonFields;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The plugin bandwidth: how fast a container may be. What it receives waits in a bucket of the
 * host's link to it, what it sends in that of a link of its own (ifb), to which the host's is
 * redirected. Names, handles and numbers are those of the reference plugin, so that each can check
 * and delete what the other made.
 */
final class BandwidthPlugin implements Plugins.BuiltIn {
    private static final String INGRESS_RATE = "ingressRate";
    private static final String INGRESS_BURST = "ingressBurst";
    private static final String EGRESS_RATE = "egressRate";
    private static final String EGRESS_BURST = "egressBurst";
    private static final List<String> KEYS =
            List.of(INGRESS_RATE, INGRESS_BURST, EGRESS_RATE, EGRESS_BURST);
    private static final Bandwidth NOTHING = new Bandwidth(0, 0, 0, 0);
    private static final String PREFIX = "bwp";
    private static final double TICKS_PER_MICROSECOND = 15.625; // psched(9), since Linux 2.6.31
    private static final double MICROSECONDS = 1_000_000;
    private static final long PER_LATENCY = 40; // of 25 ms in a second
    private static final long MOST_BYTES = 0xffff_ffffL;

    /** Subnets that are shaped or not are the program's. */
    @Override
    public boolean understands(JsonFields conf) {
        return !conf.has("shapedSubnets") && !conf.has("unshapedSubnets");
    }

    /** What is asked: by the configuration, else by the caller. */
    private static Bandwidth asked(Request request) throws PluginError {
        JsonFields conf = request.conf();
        JsonFields runtime = request.runtimeConfig();
        JsonFields fields = conf;
        if (KEYS.stream().noneMatch(conf::has)) {
            fields = runtime == null ? null : runtime.optionalObject("bandwidth");
        }
        if (fields == null) {
            return NOTHING;
        }
        var bandwidth =
                new Bandwidth(
                        number(fields, INGRESS_RATE),
                        number(fields, INGRESS_BURST),
                        number(fields, EGRESS_RATE),
                        number(fields, EGRESS_BURST));
        checkBoth(bandwidth.ingressRate(), bandwidth.ingressBurst());
        checkBoth(bandwidth.egressRate(), bandwidth.egressBurst());
        return bandwidth;
    }

    private static long number(JsonFields fields, String key) {
        return fields.integerOr(key, 0, Long.MAX_VALUE, 0);
    }

    private static void checkBoth(long rate, long burst) throws PluginError {
        String wrong = "";
        if (burst == 0 && rate != 0) {
            wrong = "if rate is set, burst must also be set";
        } else if (rate == 0 && burst != 0) {
            wrong = "if burst is set, rate must also be set";
        } else if (burst / Byte.SIZE >= MOST_BYTES) {
            wrong = "burst cannot be more than 4GB";
        } else if (rate != 0 && rate < Byte.SIZE) {
            wrong = "rate must be at least 8 bits a second";
        }
        if (!wrong.isEmpty()) {
            throw new PluginError(PluginError.INVALID_CONFIGURATION, wrong, "");
        }
    }

    /** A rate in bits a second and a burst in bits; packets may wait for 25 ms more. */
    private static TrafficControl.Bucket bucket(long rateInBits, long burstInBits) {
        long rate = rateInBits / Byte.SIZE;
        long burst = burstInBits / Byte.SIZE;
        long microseconds = (long) (burst * MICROSECONDS / rate);
        long buffer = (long) (microseconds * TICKS_PER_MICROSECOND);
        return new TrafficControl.Bucket(rate, (int) (rate / PER_LATENCY + burst), (int) buffer);
    }

    /** The name of the link by which a container sends. */
    private static String sender(Request request) {
        try {
            byte[] text = (request.network() + request.container()).getBytes(UTF_8);
            byte[] digest = MessageDigest.getInstance("SHA-512").digest(text);
            return (PREFIX + HexFormat.of().formatHex(digest)).substring(0, Links.LONGEST_NAME);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    /** The host's end of the container's link. */
    private static Links.Link outer(Request request, CniResult result, Links links)
            throws PluginError, ErrnoException {
        int peer;
        try (NetlinkSocket inside = Sandbox.enter(request.namespace())) {
            peer = new Links(inside).find(request.link()).peer();
        }
        if (peer <= 0) {
            throw new PluginError(
                    "container interface %s has no veth peer".formatted(request.link()));
        }
        Links.Link link = links.find(peer);
        for (CniResult.Interface one : result.interfaces()) {
            if (one.sandbox().isEmpty() && one.name().equals(link.name())) {
                return link;
            }
        }
        throw new PluginError("no veth peer of container interface found in host ns");
    }

    @Override
    public CniResult add(Request request) throws PluginError {
        Bandwidth asked = asked(request);
        CniResult result = request.required();
        if (asked.equals(NOTHING)) {
            return result;
        }
        try (NetlinkSocket host = NetlinkSocket.route()) {
            var links = new Links(host);
            var control = new TrafficControl(host);
            Links.Link outer = outer(request, result, links);
            if (asked.ingressRate() > 0) {
                control.limit(outer.index(), bucket(asked.ingressRate(), asked.ingressBurst()));
            }
            if (asked.egressRate() == 0) {
                return result;
            }
            links.createIntermediate(sender(request), outer.mtu());
            Links.Link sender = links.find(sender(request));
            control.redirect(outer.index(), sender.index());
            control.limit(sender.index(), bucket(asked.egressRate(), asked.egressBurst()));
            String mac = BridgePlugin.mac(sender);
            var interfaces = Stream.of(CniResult.Interface.of(sender.name(), mac, ""));
            return result.withInterfaces(
                    Stream.concat(result.interfaces().stream(), interfaces).toList());
        } catch (ErrnoException e) {
            throw PluginError.of("limit link " + request.link(), e);
        }
    }

    /** The bucket and what is redirected go with the container's link. */
    @Override
    public void delete(Request request) throws PluginError {
        try (NetlinkSocket host = NetlinkSocket.route()) {
            new Links(host).delete(sender(request));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENODEV) {
                throw PluginError.of("delete link of the bandwidth", e);
            }
        }
    }

    @Override
    public void check(Request request) throws PluginError {
        Bandwidth asked = asked(request);
        CniResult result = request.required();
        if (asked.equals(NOTHING)) {
            return;
        }
        try (NetlinkSocket host = NetlinkSocket.route()) {
            var links = new Links(host);
            Links.Link outer = outer(request, result, links);
            if (asked.ingressRate() > 0) {
                check(host, outer, bucket(asked.ingressRate(), asked.ingressBurst()));
            }
            if (asked.egressRate() > 0) {
                Links.Link sender = links.find(sender(request));
                check(host, sender, bucket(asked.egressRate(), asked.egressBurst()));
            }
        } catch (ErrnoException e) {
            throw PluginError.of("check bandwidth", e);
        }
    }

    private static void check(NetlinkSocket host, Links.Link link, TrafficControl.Bucket wanted)
            throws ErrnoException, PluginError {
        TrafficControl.@Nullable Bucket there = new TrafficControl(host).bucket(link.index());
        var wrong = new ArrayList<String>();
        if (there == null) {
            wrong.add("Failed to find qdisc");
        } else {
            if (there.rate() != wanted.rate()) {
                wrong.add("Rate doesn't match");
            }
            if (there.limit() != wanted.limit()) {
                wrong.add("Limit doesn't match");
            }
            if (there.buffer() != wanted.buffer()) {
                wrong.add("Buffer doesn't match");
            }
        }
        if (!wrong.isEmpty()) {
            throw new PluginError(wrong.getFirst() + " of " + link.name());
        }
    }

    @Override
    public void collect(Request request, Set<Attachment.Key> valid) {
        // a link's name tells that it is a container's, but not whose
    }

    @Override
    public void status(Request request) {
        // always ready
    }
}
