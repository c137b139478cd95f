package dev.rung.engine.spec;

import java.util.List;
import java.util.Map;

/** Options on their way to be others: all is as it was, but for what is set. */
final class HostDraft {
    List<MountOption> mounts;
    List<String> volumesFrom;
    LogOptions log;
    NamespaceMode network;
    List<PublishedPort> ports;
    boolean publishAll;
    RestartPolicy restart;
    boolean autoRemove;
    List<String> capAdd;
    List<String> capDrop;
    NamespaceMode cgroupns;
    List<String> dns;
    List<String> dnsOptions;
    List<String> dnsSearch;
    List<String> extraHosts;
    List<String> groupAdd;
    NamespaceMode ipc;
    NamespaceMode pid;
    NamespaceMode uts;
    String userns;
    int oomScoreAdj;
    boolean privileged;
    boolean readonlyRootfs;
    List<String> securityOptions;
    long shmSize;
    String runtime;
    Map<String, String> sysctls;
    Map<String, String> annotations;
    Limits limits;
    List<DeviceOption> devices;
    List<String> deviceRules;
    List<Ulimit> ulimits;
    boolean init;
    String cgroupParent;
    List<SecretOption> secrets;
    String pod;
    List<String> links;
    CriOptions cri;

    HostDraft(HostOptions from) {
        mounts = from.mounts();
        volumesFrom = from.volumesFrom();
        log = from.log();
        network = from.network();
        ports = from.ports();
        publishAll = from.publishAll();
        restart = from.restart();
        autoRemove = from.autoRemove();
        capAdd = from.capAdd();
        capDrop = from.capDrop();
        cgroupns = from.cgroupns();
        dns = from.dns();
        dnsOptions = from.dnsOptions();
        dnsSearch = from.dnsSearch();
        extraHosts = from.extraHosts();
        groupAdd = from.groupAdd();
        ipc = from.ipc();
        pid = from.pid();
        uts = from.uts();
        userns = from.userns();
        oomScoreAdj = from.oomScoreAdj();
        privileged = from.privileged();
        readonlyRootfs = from.readonlyRootfs();
        securityOptions = from.securityOptions();
        shmSize = from.shmSize();
        runtime = from.runtime();
        sysctls = from.sysctls();
        annotations = from.annotations();
        limits = from.limits();
        devices = from.devices();
        deviceRules = from.deviceRules();
        ulimits = from.ulimits();
        init = from.init();
        cgroupParent = from.cgroupParent();
        secrets = from.secrets();
        pod = from.pod();
        links = from.links();
        cri = from.cri();
    }

    HostOptions done() {
        return new HostOptions(
                mounts,
                volumesFrom,
                log,
                network,
                ports,
                publishAll,
                restart,
                autoRemove,
                capAdd,
                capDrop,
                cgroupns,
                dns,
                dnsOptions,
                dnsSearch,
                extraHosts,
                groupAdd,
                ipc,
                pid,
                uts,
                userns,
                oomScoreAdj,
                privileged,
                readonlyRootfs,
                securityOptions,
                shmSize,
                runtime,
                sysctls,
                annotations,
                limits,
                devices,
                deviceRules,
                ulimits,
                init,
                cgroupParent,
                secrets,
                pod,
                links,
                cri);
    }
}
