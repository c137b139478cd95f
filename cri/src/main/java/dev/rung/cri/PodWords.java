package dev.rung.cri;

import dev.rung.cri.v1.DNSConfig;
import dev.rung.cri.v1.LinuxSandboxSecurityContext;
import dev.rung.cri.v1.NamespaceMode;
import dev.rung.cri.v1.NamespaceOption;
import dev.rung.cri.v1.PodSandboxConfig;
import dev.rung.cri.v1.PodSandboxMetadata;
import dev.rung.cri.v1.PortMapping;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.NewPod;
import dev.rung.engine.spec.ContainerName;
import dev.rung.engine.spec.CriOptions;
import dev.rung.engine.spec.HostOptions;
import dev.rung.oci.IdMapping;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A pod sandbox's configuration in the engine's words; Invalid, with the field, where it is none.
 */
final class PodWords {
    private static final Pattern SYSCTL = Pattern.compile("[a-zA-Z0-9_-]+([./][a-zA-Z0-9_-]+)+");
    private static final Pattern IPC_SYSCTL =
            Pattern.compile("fs\\.mqueue\\..*|kernel\\.(msg|shm).*|kernel\\.sem");

    private PodWords() {}

    /** A pod, which joins a CNI network if it has a network of its own and others do, too. */
    static NewPod pod(PodSandboxConfig config, String handler, boolean cni) {
        String name = name(config.getMetadata(), config.hasMetadata());
        check(config);
        LinuxSandboxSecurityContext security = config.getLinux().getSecurityContext();
        if (security.hasRunAsGroup() && !security.hasRunAsUser()) {
            throw new Failure.Invalid(
                    "config.linux.security_context.run_as_group is given without run_as_user");
        }
        var shares = new TreeSet<String>();
        NamespaceOption namespaces = security.getNamespaceOptions();
        boolean hostNetwork = namespaces.getNetwork() == NamespaceMode.NODE;
        if (!hostNetwork) {
            shares.add("net");
            shares.add("uts");
        }
        if (namespaces.getIpc() != NamespaceMode.NODE) {
            shares.add("ipc");
        }
        if (namespaces.getPid() == NamespaceMode.POD) {
            shares.add("pid");
        }
        checkSysctls(config, hostNetwork, shares.contains("ipc"));
        return new NewPod(
                new ContainerName(name),
                config.getHostname().isEmpty() ? hosts() : config.getHostname(),
                config.getLabelsMap(),
                host(config, handler, !hostNetwork && !cni),
                List.of(),
                !hostNetwork && cni ? CniWords.wish(config) : null,
                shares,
                false);
    }

    /** The host's own name, as with others. */
    private static String hosts() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException _) {
            return "localhost";
        }
    }

    /** Of a pod, unique as long as it is there. */
    private static String name(PodSandboxMetadata metadata, boolean given) {
        if (!given) {
            throw new Failure.Invalid("config.metadata is missing");
        }
        FieldRules.word("config.metadata.name", metadata.getName());
        FieldRules.word("config.metadata.namespace", metadata.getNamespace());
        FieldRules.word("config.metadata.uid", metadata.getUid());
        return "k8s_POD_" + suffix(metadata);
    }

    static String suffix(PodSandboxMetadata metadata) {
        return metadata.getName()
                + "_"
                + metadata.getNamespace()
                + "_"
                + metadata.getUid()
                + "_"
                + Integer.toUnsignedString(metadata.getAttempt());
    }

    private static void check(PodSandboxConfig config) {
        FieldRules.map("config.labels", config.getLabelsMap());
        FieldRules.map("config.annotations", config.getAnnotationsMap());
        FieldRules.map("config.linux.sysctls", config.getLinux().getSysctlsMap());
        FieldRules.entries("config.port_mappings", config.getPortMappingsCount());
        FieldRules.config("config", config);
        FieldRules.hostname("config.hostname", config.getHostname());
        if (!config.getLogDirectory().isEmpty()) {
            FieldRules.path("config.log_directory", config.getLogDirectory());
        }
        FieldRules.cgroup("config.linux.cgroup_parent", config.getLinux().getCgroupParent());
        DNSConfig dns = config.getDnsConfig();
        FieldRules.addresses("config.dns_config.servers", dns.getServersList());
        FieldRules.resolverWords("config.dns_config.searches", dns.getSearchesList());
        FieldRules.resolverWords("config.dns_config.options", dns.getOptionsList());
        for (PortMapping mapping : config.getPortMappingsList()) {
            protocol(mapping);
            FieldRules.port("config.port_mappings.host_port", 0, mapping.getHostPort());
            int least = mapping.getHostPort() == 0 ? 0 : 1;
            FieldRules.port(
                    "config.port_mappings.container_port", least, mapping.getContainerPort());
            if (!mapping.getHostIp().isEmpty()) {
                FieldRules.addresses("config.port_mappings.host_ip", List.of(mapping.getHostIp()));
            }
        }
    }

    private static void checkSysctls(PodSandboxConfig config, boolean hostNetwork, boolean ipc) {
        for (Map.Entry<String, String> sysctl : config.getLinux().getSysctlsMap().entrySet()) {
            String name = sysctl.getKey();
            String plain = name.replace('/', '.');
            boolean network = plain.startsWith("net.");
            if (!SYSCTL.matcher(name).matches()
                    || !network && !IPC_SYSCTL.matcher(plain).matches()) {
                throw new Failure.Invalid(
                        "config.linux.sysctls: "
                                + Printable.of(name)
                                + " is none that a pod has of its own");
            } else if (network && hostNetwork || !network && !ipc) {
                throw new Failure.Invalid(
                        "config.linux.sysctls: "
                                + Printable.of(name)
                                + " is the host's in a pod with the host's namespace");
            } else if (sysctl.getValue().matches("(?s).*[\n\0].*")) {
                throw new Failure.Invalid(
                        "config.linux.sysctls: the value of " + Printable.of(name) + " is none");
            }
        }
    }

    private static HostOptions host(PodSandboxConfig config, String handler, boolean bridge) {
        var to = JsonWriter.compact().beginObject();
        names(to, config);
        to.field("Runtime", handler);
        if (bridge) {
            ports(to, config.getPortMappingsList());
        }
        to.name("Sysctls").beginObject();
        config.getLinux()
                .getSysctlsMap()
                .forEach((name, value) -> to.field(name.replace('/', '.'), value));
        to.endObject();
        String parent = config.getLinux().getCgroupParent();
        to.field("CgroupParent", parent);
        List<IdMapping> users = UserWords.mappings(config.getLinux().getSecurityContext());
        new CriOptions(
                        "",
                        null,
                        null,
                        false,
                        List.of(),
                        !parent.isEmpty(),
                        Map.of(),
                        Map.of(),
                        users,
                        users,
                        "",
                        Map.of(),
                        Notes.of(config, handler))
                .write(to);
        return HostOptions.read(JsonFields.read("config", to.endObject().bytes()));
    }

    /** What is in /etc/resolv.conf. */
    static void names(JsonWriter to, PodSandboxConfig config) {
        to.field("Dns", config.getDnsConfig().getServersList());
        to.field("DnsSearch", config.getDnsConfig().getSearchesList());
        to.field("DnsOptions", config.getDnsConfig().getOptionsList());
    }

    private static void ports(JsonWriter to, List<PortMapping> mappings) {
        to.name("PortBindings").beginObject();
        var done = new TreeSet<String>();
        for (PortMapping mapping : mappings) {
            String port = port(mapping);
            if (mapping.getHostPort() == 0 || !done.add(port)) {
                continue; // without a port of the host it is only documentation
            }
            to.name(port).beginArray();
            for (PortMapping same : mappings) {
                if (same.getHostPort() != 0 && port(same).equals(port)) {
                    to.beginObject().field("HostIp", same.getHostIp());
                    to.field("HostPort", Integer.toString(same.getHostPort())).endObject();
                }
            }
            to.endArray();
        }
        to.endObject();
    }

    private static String port(PortMapping mapping) {
        return mapping.getContainerPort() + "/" + protocol(mapping);
    }

    /** As Docker and CNI write it. */
    static String protocol(PortMapping mapping) {
        return switch (mapping.getProtocol()) {
            case TCP -> "tcp";
            case UDP -> "udp";
            case SCTP -> "sctp";
            case UNRECOGNIZED ->
                    throw new Failure.Invalid(
                            "config.port_mappings: unknown protocol " + mapping.getProtocolValue());
        };
    }
}
