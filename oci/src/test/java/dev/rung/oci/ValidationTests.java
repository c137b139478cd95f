package dev.rung.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class ValidationTests {
    static final List<String> RESOURCES = Configs.RESOURCES;

    @ParameterizedTest
    @FieldSource("RESOURCES")
    void shouldTakeWhatToolsWrite(String resource) {
        RuntimeConfig config = RuntimeConfig.read(resource, Configs.resource(resource));
        assertThat(Validation.check(resource, config)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'args':['a'] | Cwd property must not be empty | cwd",
                "'args':['a'],'cwd':'a' | Cwd must be an absolute path | cwd",
                "'cwd':'/' | args must not be empty | args",
                "'cwd':'/','args':['a'],'env':['A=','B']"
                        + " | invalid environment variable: missing '=' | env[1]",
                "'cwd':'/','args':['a'],'env':['=B']"
                        + " | invalid environment variable: name cannot be empty | env[0]",
                "'cwd':'/','args':['a'],'rlimits':[{'type':'RLIMIT_CPU','hard':1,'soft':1},"
                        + "{'type':'RLIMIT_CPU','hard':1,'soft':1}]"
                        + " | duplicated rlimit RLIMIT_CPU | rlimits[1]",
                "'cwd':'/','args':['a'],'scheduler':{'policy':'SCHED_OTHER','nice':20}"
                        + " | invalid scheduler.nice: 20 when scheduler.policy is SCHED_OTHER"
                        + " | scheduler.nice",
                "'cwd':'/','args':['a'],'scheduler':{'policy':'SCHED_OTHER','priority':1}"
                        + " | scheduler.priority can only be specified for SchedFIFO or SchedRR"
                        + " policy | scheduler.priority",
                "'cwd':'/','args':['a'],'scheduler':{'policy':'SCHED_RR','runtime':1}"
                        + " | scheduler runtime/deadline/period can only be specified for"
                        + " SchedDeadline policy | scheduler",
                "'cwd':'/','args':['a'],'ioPriority':{'class':'IOPRIO_CLASS_BE','priority':8}"
                        + " | invalid ioPriority.Priority: 8 | ioPriority.priority",
            })
    void shouldCheckTheProcess(String process, String words, String key) {
        RuntimeConfig config = Configs.withProcess(process, "", "");
        assertThatThrownBy(() -> Validation.check("config.json", config))
                .isExactlyInstanceOf(Failure.Invalid.class)
                .hasMessage(words + " (config.json: process." + key + ")");
        assertThatThrownBy(() -> Validation.checkProcess("p", config.process()))
                .hasMessage(words + " (p: " + key + ")");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'hostname':'a' | unable to set hostname without a private UTS namespace",
                "'domainname':'a' | unable to set domainname without a private UTS namespace",
                "'mounts':[{'destination':'/a','options':['idmap']}]"
                        + " | id-mapped mounts are only supported for bind-mounts",
                "'mounts':[{'destination':'/a','options':['bind','idmap']}]"
                        + " | id-mapped mounts must have both uid and gid mappings specified",
                "'hooks':{'poststart':[{'path':'a'}]} | want an absolute path, got \"a\"",
                "'hooks':{'poststart':[{'path':'/a','timeout':0}]}"
                        + " | want a number of seconds above zero, got 0",
            })
    void shouldCheckTheRoot(String fields, String words) {
        assertThatThrownBy(() -> Validation.check("c", Configs.config(fields, "")))
                .isExactlyInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'namespaces':[{'type':'pid'},{'type':'pid','path':'/x'}]"
                        + " | malformed spec file: duplicated ns \"pid\" (c: linux.namespaces[1])",
                "'namespaces':[{'type':'pid','path':'x'}] | want an absolute path, got \"x\"",
                "'uidMappings':[{'containerID':0,'hostID':0,'size':1}] | user namespace mappings"
                        + " specified, but user namespace isn't enabled in the config",
                "'namespaces':[{'type':'user'}],'uidMappings':[{'containerID':0,'hostID':0,'size':1}]"
                        + " | user namespaces enabled, but no gid mappings found",
                "'namespaces':[{'type':'user'}],'uidMappings':[{'containerID':1,'hostID':0,'size':1}]"
                        + " | user namespaces enabled, but no mapping found for uid 0",
                "'timeOffsets':{'boottime':{}} | time namespace offsets specified, but time"
                        + " namespace isn't enabled in the config",
                "'namespaces':[{'type':'time','path':'/x'}],'timeOffsets':{'boottime':{}}"
                        + " | both namespace path and time offsets specified",
                "'namespaces':[{'type':'time'}],'timeOffsets':{'tai':{}}"
                        + " | want one of monotonic, boottime (c: linux.timeOffsets[\"tai\"])",
                "'maskedPaths':['/a'] | unable to restrict sys entries without a private MNT"
                        + " namespace (c: linux.maskedPaths)",
                "'maskedPaths':['a'] | want an absolute path, got \"a\" (c: linux.maskedPaths[0])",
                "'readonlyPaths':['/b','a'] | (c: linux.readonlyPaths[1])",
                "'devices':[{'path':'a','type':'p'}] | want an absolute path",
                "'netDevices':{'eth0':{}} | unable to move network devices without a NET namespace",
                "'namespaces':[{'type':'network'}],'netDevices':{'eth0':{'name':'a/b'}}"
                        + " | invalid network device name \"a/b\" (c: linux.netDevices[\"eth0\"])",
                "'namespaces':[{'type':'network'}],'netDevices':{'0123456789abcdef':{}}"
                        + " | invalid network device name",
                "'intelRdt':{'closID':'a/b'} | invalid intelRdt.ClosID \"a/b\"",
                "'intelRdt':{'closID':'..'} | invalid intelRdt.ClosID \"..\"",
                "'intelRdt':{'schemata':['L3:0=f\\nMB:0=1']} | want one line",
                "'intelRdt':{'memBwSchema':'L3:0=f'} | want a text that begins with MB:",
                "'memoryPolicy':{'mode':'MPOL_LOCAL','nodes':'0-2'}"
                        + " | memory policy mode requires 0 nodes but got 3",
                "'memoryPolicy':{'mode':'MPOL_BIND'}"
                        + " | memory policy mode requires at least one node but got 0",
                "'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','defaultErrnoRet':1}"
                        + " | errno value specified for action SCMP_ACT_ALLOW",
                "'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','listenerMetadata':'a'}"
                        + " | listenerMetadata wants a listenerPath too",
                "'resources':{'memory':{'swappiness':101}}"
                        + " | invalid memory swappiness value: 101 (valid range is 0-100)",
                "'resources':{'hugepageLimits':[{'pageSize':'../x','limit':1}]}"
                        + " | want a pageSize such as 2MB",
                "'resources':{'rdma':{'a':{}}} | want at least one of hcaHandles and hcaObjects"
                        + " (c: linux.resources.rdma[\"a\"])",
                "'resources':{'unified':{'../cpu.max':'1'}}"
                        + " | unified resource \"../cpu.max\" must be a file name (no slashes)",
                "'resources':{'unified':{'cpu':'1'}}"
                        + " | unified resource \"cpu\" must be in the form CONTROLLER.PARAMETER",
                "'resources':{'cpu':{'cpus':'a'}} | want a list such as 0-3,7, got \"a\"",
                "'sysctl':{'kernel.core_pattern':'x'}"
                        + " | sysctl \"kernel.core_pattern\" is not in a separate kernel namespace",
                "'sysctl':{'kernel/core_pattern':'x'}"
                        + " | sysctl \"kernel.core_pattern\" is not in a separate kernel namespace",
                "'sysctl':{'kernel.sem':'1'}"
                        + " | sysctl \"kernel.sem\" is not allowed in the hosts ipc namespace",
                "'sysctl':{'net.core.somaxconn':'1'}"
                        + " | sysctl \"net.core.somaxconn\" not allowed in host network namespace",
                "'namespaces':[{'type':'network'}],'sysctl':{'net/../kernel/core_pattern':'1'}"
                        + " | is not a name below /proc/sys",
                "'namespaces':[{'type':'network'}],'sysctl':{'net..core':'1'}"
                        + " | is not a name below /proc/sys",
                "'namespaces':[{'type':'uts'}],'sysctl':{'kernel.hostname':'a'}"
                        + " | conflicts with the OCI \"hostname\" field",
                "'sysctl':{'user.max_user_namespaces':'1'}"
                        + " | setting ucounts without a user namespace not allowed",
            })
    void shouldCheckLinux(String fields, String words) {
        assertThatThrownBy(() -> Validation.check("c", Configs.config("", fields)))
                .isExactlyInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'namespaces':[{'type':'user','path':'/x'}]",
                "'namespaces':[{'type':'ipc'}],'sysctl':{'kernel/shmmax':'1','fs.mqueue.msg_max':'1'}",
                "'namespaces':[{'type':'network'}],'sysctl':{'net/ipv4/conf/eth0.1/forwarding':'1'}",
                "'namespaces':[{'type':'uts'}],'sysctl':{'kernel.domainname':'a'}",
                "'intelRdt':{'closID':'/'}",
                "'memoryPolicy':{'mode':'MPOL_PREFERRED'}",
            })
    void shouldLetPass(String fields) {
        assertThatCode(() -> Validation.check("c", Configs.config("", fields)))
                .doesNotThrowAnyException();
    }

    @Test
    void shouldWarnOfWhatIsIgnoredOrOld() {
        RuntimeConfig config =
                Configs.config(
                        "'mounts':[{'destination':'proc'}]",
                        "'resources':{'memory':{'kernel':1}},"
                                + "'personality':{'domain':'LINUX','flags':['a']}");
        assertThat(Validation.check("c", config))
                .containsExactly(
                        "mount destination \"proc\" is not absolute. Support for non-absolute"
                                + " mount destinations will be removed in a future release."
                                + " (c: mounts[0].destination)",
                        "ignoring unsupported personality flags (c: linux.personality.flags)",
                        "Kernel memory settings are ignored and will be removed"
                                + " (c: linux.resources.memory)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'x':1 | 'x':1 | rootless container requires user namespaces",
                "'x':1 | 'namespaces':[{'type':'user'}]"
                        + " | rootless containers requires at least one UID mapping",
                "'mounts':[{'destination':'/d','options':['gid=5']}] | 'namespaces':[{'type':'user'}"
                        + "],'uidMappings':[{'containerID':0,'hostID':9,'size':1}],"
                        + "'gidMappings':[{'containerID':0,'hostID':9,'size':1}]"
                        + " | cannot specify \"gid=5\" mount option for rootless container: user"
                        + " namespaces enabled, but no mapping found for gid 5 (c: mounts[0])",
            })
    void shouldCheckRootless(String fields, String linux, String words) {
        RuntimeConfig config = Configs.config(fields, linux);
        assertThatThrownBy(() -> Validation.checkRootless("c", config))
                .isExactlyInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(words);
    }

    @Test
    void shouldCheckResourcesByThemselves() {
        Resources resources = Resources.read("-", "{\"unified\":{\"x\":\"\"}}".getBytes(UTF_8));
        assertThatThrownBy(() -> Validation.checkResources("-", resources))
                .hasMessageEndingWith("(-: unified[\"x\"])");
    }

    @Test
    void shouldSwapSeparatorsOfSysctls() {
        assertThat(Sysctls.path("net.ipv4.conf.eth0/100.rp_filter"))
                .isEqualTo("net/ipv4/conf/eth0.100/rp_filter");
        assertThat(Sysctls.path("net/ipv4/conf/eth0.100/rp_filter"))
                .isEqualTo("net/ipv4/conf/eth0.100/rp_filter");
    }

    @Test
    void shouldReadListsOfCpus() {
        assertThat(CpuList.of("0-3, 5,,64").words()).containsExactly(0b101111, 1);
        assertThat(CpuList.of("7").count()).isEqualTo(1);
        for (String wrong : new String[] {"", ",", "a", "3-1", "1-", "-1", "65537", "1-2-3"}) {
            assertThatThrownBy(() -> CpuList.of(wrong)).isInstanceOf(Failure.Invalid.class);
        }
    }
}
