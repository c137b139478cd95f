package dev.rung.cri;

import dev.rung.cri.v1.DNSConfig;
import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.cri.v1.PodSandboxMetadata;
import dev.rung.cri.v1.PortMapping;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.record.CniWish;
import dev.rung.network.Prefix;
import dev.rung.network.cni.Capabilities;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a pod asks of its CNI network, in the words that kubelets' runtimes have for it. */
final class CniWords {
    private static final String INGRESS = "kubernetes.io/ingress-bandwidth";
    private static final String EGRESS = "kubernetes.io/egress-bandwidth";
    private static final long LOWEST_RATE = 1_000; // bits a second
    private static final long HIGHEST_RATE = 1_000_000_000_000_000L;
    private static final long BURST = 0xffff_ffffL; // bits

    private CniWords() {}

    static CniWish wish(PodSandboxConfig config) {
        PodSandboxMetadata metadata = config.getMetadata();
        var arguments = new LinkedHashMap<String, String>();
        arguments.put("IgnoreUnknown", "1");
        arguments.put("K8S_POD_NAMESPACE", metadata.getNamespace());
        arguments.put("K8S_POD_NAME", metadata.getName());
        arguments.put("K8S_POD_UID", metadata.getUid());
        JsonObject annotations = JsonObject.empty();
        for (Map.Entry<String, String> each : config.getAnnotationsMap().entrySet()) {
            annotations = annotations.with(each.getKey(), new JsonString(each.getValue()));
        }
        Capabilities asked =
                Capabilities.none().with("io.kubernetes.cri.pod-annotations", annotations);
        List<Capabilities.PortMapping> ports = ports(config.getPortMappingsList());
        if (!ports.isEmpty()) {
            asked = asked.withPorts(ports);
        }
        long ingress = rate(config, INGRESS);
        long egress = rate(config, EGRESS);
        if (ingress > 0 || egress > 0) {
            asked =
                    asked.withBandwidth(
                            new Capabilities.Bandwidth(
                                    ingress,
                                    ingress > 0 ? BURST : 0,
                                    egress,
                                    egress > 0 ? BURST : 0));
        }
        if (config.hasDnsConfig()) {
            DNSConfig dns = config.getDnsConfig();
            asked =
                    asked.withDns(
                            dns.getServersList(), dns.getSearchesList(), dns.getOptionsList());
        }
        String parent = config.getLinux().getCgroupParent();
        if (!parent.isEmpty()) {
            asked = asked.with("cgroupPath", new JsonString(parent));
        }
        return new CniWish(arguments, asked);
    }

    private static List<Capabilities.PortMapping> ports(List<PortMapping> mappings) {
        var ports = new ArrayList<Capabilities.PortMapping>();
        for (PortMapping mapping : mappings) {
            String protocol = PodWords.protocol(mapping);
            if (mapping.getHostPort() == 0) {
                continue; // without a port of the host it is only documentation
            }
            ports.add(
                    new Capabilities.PortMapping(
                            mapping.getHostPort(),
                            mapping.getContainerPort(),
                            protocol,
                            mapping.getHostIp().isEmpty()
                                    ? null
                                    : Prefix.parseAddress(mapping.getHostIp())));
        }
        return ports;
    }

    /** In bits a second, 0: not told. */
    private static long rate(PodSandboxConfig config, String annotation) {
        String text = config.getAnnotationsMap().getOrDefault(annotation, "");
        if (text.isEmpty()) {
            return 0;
        }
        String field = "config.annotations[" + annotation + "]";
        long rate = Quantity.parse(field, text);
        if (rate < LOWEST_RATE || rate > HIGHEST_RATE) {
            throw new Failure.Invalid(
                    field + ": " + Printable.of(text) + ": want from 1k to 1P bits a second");
        }
        return rate;
    }
}
