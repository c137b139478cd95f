package dev.rung.daemon.settings;

import java.util.Set;

/** The names of settings, which are Docker's. */
final class Keys {
    static final String DAEMON_JSON = "daemon-json";
    static final String CONTAINERD = "containerd-config";
    static final String CRIO = "crio-config";
    static final String EXEC_OPTIONS = "exec-opts";
    static final String RUNTIMES = "runtimes";
    static final String DEFAULT_RUNTIME = "default-runtime";
    static final String DATA_ROOT = "data-root";
    static final String EXEC_ROOT = "exec-root";
    static final String DEBUG = "debug";
    static final String EXPERIMENTAL = "experimental";
    static final String CRIU = "criu";
    static final String CHECKPOINT_IMAGES = "checkpoint-images";
    static final String LOG_DRIVER = "log-driver";
    static final String LOG_OPTIONS = "log-opts";
    static final String ULIMITS = "default-ulimits";
    static final String CGROUP_PARENT = "cgroup-parent";
    static final String SHM_SIZE = "default-shm-size";
    static final String INIT = "init";
    static final String DNS = "dns";
    static final String DNS_OPTIONS = "dns-opts";
    static final String DNS_SEARCH = "dns-search";
    static final String INSECURE = "insecure-registries";
    static final String MIRRORS = "registry-mirrors";
    static final String SIGNATURE_POLICY = "signature-policy";
    static final String CRI_SOCKET = "cri-socket";
    static final String POD_NETWORK = "pod-network";
    static final String CNI_NETWORKS = "cni-conf-dir";
    static final String CNI_PROGRAMS = "cni-bin-dirs";
    static final String CNI_NETWORK = "cni-network";
    static final String CNI_MOST = "cni-max-networks";
    static final String CNI_PREFERENCE = "cni-ip-preference";
    static final String CNI_TIMEOUT = "cni-timeout";
    static final String PINNED = "pinned-images";
    static final String HOOKS = "hooks-dirs";
    static final String MOUNTS_FILES = "mounts-files";
    static final String NRI = "nri";
    static final String LABELS = "labels";
    static final String HOSTS = "hosts";
    static final String GROUP = "group";
    static final String PLAIN_TCP = "allow-plain-tcp";
    static final String TLS = "tls";
    static final String TLS_VERIFY = "tlsverify";
    static final String TLS_AUTHORITIES = "tlscacert";
    static final String TLS_CERTIFICATE = "tlscert";
    static final String TLS_KEY = "tlskey";
    static final String BIP = "bip";
    static final String FIXED_CIDR = "fixed-cidr";
    static final String FIXED_CIDR_V6 = "fixed-cidr-v6";
    static final String IPV6 = "ipv6";
    static final String MTU = "mtu";
    static final String ICC = "icc";
    static final String IP = "ip";
    static final String IP_MASQ = "ip-masq";
    static final String IP_FORWARD = "ip-forward";
    static final String IPTABLES = "iptables";
    static final String IP6TABLES = "ip6tables";
    static final String PROXY = "userland-proxy";
    static final String ROUTER = "default-gateway";
    static final String ROUTER_V6 = "default-gateway-v6";
    static final String ADDRESS_POOLS = "default-address-pools";
    static final String NETWORK_OPTIONS = "default-network-opts";
    static final String DOWNLOADS = "max-concurrent-downloads";
    static final String UPLOADS = "max-concurrent-uploads";
    static final String ATTEMPTS = "max-download-attempts";

    static final Set<String> ALL =
            Set.of(
                    DAEMON_JSON,
                    CONTAINERD,
                    CRIO,
                    EXEC_OPTIONS,
                    RUNTIMES,
                    DEFAULT_RUNTIME,
                    DATA_ROOT,
                    EXEC_ROOT,
                    DEBUG,
                    EXPERIMENTAL,
                    CRIU,
                    CHECKPOINT_IMAGES,
                    LOG_DRIVER,
                    LOG_OPTIONS,
                    ULIMITS,
                    CGROUP_PARENT,
                    SHM_SIZE,
                    INIT,
                    DNS,
                    DNS_OPTIONS,
                    DNS_SEARCH,
                    INSECURE,
                    MIRRORS,
                    SIGNATURE_POLICY,
                    LABELS,
                    HOSTS,
                    GROUP,
                    PLAIN_TCP,
                    TLS,
                    TLS_VERIFY,
                    TLS_AUTHORITIES,
                    TLS_CERTIFICATE,
                    TLS_KEY,
                    BIP,
                    FIXED_CIDR,
                    FIXED_CIDR_V6,
                    IPV6,
                    MTU,
                    ICC,
                    IP,
                    IP_MASQ,
                    IP_FORWARD,
                    IPTABLES,
                    IP6TABLES,
                    PROXY,
                    ROUTER,
                    ROUTER_V6,
                    ADDRESS_POOLS,
                    NETWORK_OPTIONS,
                    CRI_SOCKET,
                    POD_NETWORK,
                    CNI_NETWORKS,
                    CNI_PROGRAMS,
                    CNI_NETWORK,
                    CNI_MOST,
                    CNI_PREFERENCE,
                    CNI_TIMEOUT,
                    PINNED,
                    HOOKS,
                    MOUNTS_FILES,
                    NRI,
                    DOWNLOADS,
                    UPLOADS,
                    ATTEMPTS);

    /**
     * Those of dockerd that can be passed over: how it logs and stores, which is otherwise here.
     * Not one that a container would be less safe without.
     */
    static final Set<String> OF_DOCKER =
            Set.of(
                    "$schema",
                    "allow-nondistributable-artifacts",
                    "api-cors-header",
                    "builder",
                    "containerd",
                    "containerd-namespace",
                    "containerd-plugins-namespace",
                    "default-cgroupns-mode",
                    "features",
                    "init-path",
                    "live-restore",
                    "log-format",
                    "log-level",
                    "metrics-addr",
                    "network-control-plane-mtu",
                    "oom-score-adjust",
                    "pidfile",
                    "raw-logs",
                    "shutdown-timeout",
                    "storage-driver",
                    "storage-opts",
                    "swarm-default-advertise-addr",
                    "userland-proxy-path");

    private Keys() {}
}
