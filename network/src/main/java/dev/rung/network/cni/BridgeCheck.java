package dev.rung.network.cni;

import dev.rung.domain.Errno;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Links;
import dev.rung.linux.NetlinkSocket;

/** Looks whether the links that the plugin bridge made are as it left them. */
final class BridgeCheck {
    private final Request request;
    private final BridgeConf conf;
    private final CniResult result;

    BridgeCheck(Request request, BridgeConf conf, CniResult result) {
        this.request = request;
        this.conf = conf;
        this.result = result;
    }

    void run() throws PluginError {
        CniResult.Interface inner = null;
        CniResult.Interface outer = null;
        for (CniResult.Interface link : result.interfaces()) {
            if (link.name().equals(conf.bridge()) && link.sandbox().isEmpty()) {
                outer = link;
            } else if (link.name().equals(request.link())
                    && link.sandbox().equals(request.namespace())) {
                inner = link;
            }
        }
        if (outer == null) {
            throw missing("CNI created bridge %s in host namespace was not found", conf.bridge());
        } else if (inner == null) {
            throw new PluginError(
                    "Sandbox in prevResult doesn't match configured netns: " + request.namespace());
        }
        try (NetlinkSocket host = NetlinkSocket.route();
                NetlinkSocket inside = Sandbox.enter(request.namespace())) {
            var links = new Links(host);
            Links.Link bridge = find(links, outer);
            if (!bridge.kind().equals("bridge")) {
                throw missing("Interface %s does not have link type of bridge", outer.name());
            } else if (bridge.promiscuity() > 0 != conf.promiscuous()) {
                throw missing(
                        "Bridge interface %s configured promiscuous mode doesn't match its state",
                        outer.name());
            }
            Links.Link own = find(new Links(inside), inner);
            if (!own.kind().equals("veth")) {
                throw missing("Error: Container interface %s not of type veth", inner.name());
            }
            checkPeer(links, own, bridge);
            new LinkAddresses(inside, request.link(), false).check(result);
        } catch (ErrnoException e) {
            throw PluginError.of("check links", e);
        }
    }

    private void checkPeer(Links links, Links.Link own, Links.Link bridge)
            throws ErrnoException, PluginError {
        for (CniResult.Interface link : result.interfaces()) {
            if (link.sandbox().isEmpty() && !link.name().equals(conf.bridge())) {
                Links.Link found = find(links, link);
                if (found.kind().equals("veth")
                        && found.index() == own.peer()
                        && found.peer() == own.index()
                        && found.master() == bridge.index()) {
                    return;
                }
            }
        }
        throw missing("CNI veth created for bridge %s was not found", conf.bridge());
    }

    private static Links.Link find(Links links, CniResult.Interface expected)
            throws ErrnoException, PluginError {
        Links.Link link;
        try {
            link = links.find(expected.name());
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENODEV) {
                throw missing("Interface name %s not found", expected.name());
            }
            throw e;
        }
        if (!expected.mac().isEmpty() && !expected.mac().equals(BridgePlugin.mac(link))) {
            throw missing("Interface %s Mac doesn't match", expected.name());
        }
        return link;
    }

    private static PluginError missing(String words, String name) {
        return new PluginError(words.formatted(name));
    }
}
