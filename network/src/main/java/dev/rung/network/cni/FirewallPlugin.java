package dev.rung.network.cni;

import dev.rung.oci.json.JsonFields;
import java.util.Set;

/**
 * The plugin firewall: lets a container's packets through firewalls that drop what is forwarded
 * unless they know it.
 */
final class FirewallPlugin implements Plugins.BuiltIn {
    private static final String PART = "firewall";

    private final CniRules rules;

    FirewallPlugin(CniRules rules) {
        this.rules = rules;
    }

    /** Zones of firewalld, chains of iptables and separate bridges are the program's. */
    @Override
    public boolean understands(JsonFields conf) {
        String policy = ResultJson.text(conf, "ingressPolicy");
        return ResultJson.text(conf, "backend").isEmpty()
                && !conf.has("iptablesAdminChainName")
                && (policy.isEmpty() || policy.equals("open"));
    }

    @Override
    public CniResult add(Request request) throws PluginError {
        CniResult previous = request.required();
        rules.accept(CniRules.Owner.of(request, PART), previous.ips());
        return previous;
    }

    @Override
    public void delete(Request request) throws PluginError {
        rules.acceptNoMore(CniRules.Owner.of(request, PART));
    }

    @Override
    public void check(Request request) throws PluginError {
        if (!rules.isAccepted(CniRules.Owner.of(request, PART), request.required().ips())) {
            throw new PluginError("rules of the container's addresses are missing in a firewall");
        }
    }

    @Override
    public void collect(Request request, Set<Attachment.Key> valid) throws PluginError {
        rules.collectForeign(request.network(), PART, valid);
    }

    @Override
    public void status(Request request) {
        // always ready
    }

    @Override
    public void mend(Request request) throws PluginError {
        CniResult result = request.previous();
        if (result != null) {
            rules.accept(CniRules.Owner.of(request, PART), result.ips());
        }
    }
}
