package dev.rung.engine.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptionsTests {
    @Test
    void shouldReadPublishedPorts() {
        assertThat(PublishedPort.parse("80"))
                .containsExactly(new PublishedPort(80, "tcp", "", 0, 0));
        assertThat(PublishedPort.parse("127.0.0.1:8080:80/udp"))
                .containsExactly(new PublishedPort(80, "udp", "127.0.0.1", 8080, 8080));
        assertThat(PublishedPort.parse("[::1]::80"))
                .containsExactly(new PublishedPort(80, "tcp", "::1", 0, 0));
        assertThat(PublishedPort.parse("8000-8001:80-81"))
                .containsExactly(
                        new PublishedPort(80, "tcp", "", 8000, 8000),
                        new PublishedPort(81, "tcp", "", 8001, 8001));
        assertThat(PublishedPort.parse("8000-8010:80"))
                .containsExactly(new PublishedPort(80, "tcp", "", 8000, 8010));
    }

    @Test
    void shouldRefuseWrongPorts() {
        assertThatThrownBy(() -> PublishedPort.parse("8000-8001:80-90"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("invalid ranges specified");
        assertThatThrownBy(() -> PublishedPort.parse("70000"))
                .hasMessage("invalid containerPort: 70000");
        assertThatThrownBy(() -> PublishedPort.parse("80/icmp")).hasMessage("invalid proto: icmp");
    }

    @Test
    void shouldReadVolumes() {
        MountOption bind = MountOption.volume("/a:/b:ro,rslave");
        assertThat(bind.type()).isEqualTo(MountOption.Type.BIND);
        assertThat(bind.readOnly()).isTrue();
        assertThat(bind.propagation()).isEqualTo("rslave");
        MountOption volume = MountOption.volume("data:/b");
        assertThat(volume.type()).isEqualTo(MountOption.Type.VOLUME);
        assertThat(volume.source()).isEqualTo("data");
        assertThat(MountOption.volume("/b").source()).isEmpty();
    }

    @Test
    void shouldRefuseWrongVolumes() {
        assertThatThrownBy(() -> MountOption.volume("/a:b"))
                .hasMessage("invalid mount path: 'b' mount path must be absolute");
        assertThatThrownBy(() -> MountOption.volume("/a:/b:oops")).hasMessage("invalid mode: oops");
        assertThatThrownBy(() -> MountOption.volume("a/b:/c"))
                .hasMessageContaining("includes invalid characters for a local volume name");
        assertThatThrownBy(() -> MountOption.volume("/a:/"))
                .hasMessage("invalid specification: destination can't be '/'");
    }

    @Test
    void shouldReadMountsByFields() {
        MountOption mount =
                MountOption.fields("type=bind,src=/a,dst=/b,readonly,bind-propagation=rshared");
        assertThat(mount)
                .isEqualTo(
                        new MountOption(
                                MountOption.Type.BIND,
                                "/a",
                                "/b",
                                true,
                                "rshared",
                                List.of(),
                                false,
                                true,
                                MountOption.Recursion.ENABLED,
                                "",
                                Map.of(),
                                Map.of()));
        assertThat(MountOption.fields("type=tmpfs,dst=/t,tmpfs-size=1m").options())
                .containsExactly("size=1048576");
        assertThatThrownBy(() -> MountOption.fields("type=bind,nope=1,dst=/b"))
                .hasMessage("unexpected key 'nope' in 'nope=1'");
    }

    @Test
    void shouldReadRestartPolicies() {
        assertThat(RestartPolicy.parse("on-failure:3"))
                .isEqualTo(new RestartPolicy(RestartPolicy.When.ON_FAILURE, 3));
        assertThat(RestartPolicy.parse("")).isEqualTo(RestartPolicy.NEVER);
        assertThat(RestartPolicy.parse("on-failure:3").restarts(1, 2)).isTrue();
        assertThat(RestartPolicy.parse("on-failure:3").restarts(1, 3)).isFalse();
        assertThat(RestartPolicy.parse("on-failure").restarts(0, 0)).isFalse();
        assertThat(RestartPolicy.parse("always").restarts(0, 99)).isTrue();
        assertThatThrownBy(() -> RestartPolicy.parse("sometimes"))
                .hasMessageContaining("unknown policy 'sometimes'");
        assertThatThrownBy(() -> RestartPolicy.parse("always:3"))
                .hasMessageContaining("maximum retry count cannot be used");
    }

    @Test
    void shouldReadSizes() {
        assertThat(ByteSize.parse("64m")).isEqualTo(64 << 20);
        assertThat(ByteSize.parse("1.5GiB")).isEqualTo(3L << 29);
        assertThat(ByteSize.parse("100")).isEqualTo(100);
        assertThat(ByteSize.parse("2kb")).isEqualTo(2048);
        assertThatThrownBy(() -> ByteSize.parse("lots")).hasMessage("invalid size: 'lots'");
        assertThatThrownBy(() -> ByteSize.parse("-1")).hasMessage("invalid size: '-1'");
    }

    @Test
    void shouldReadUlimitsAndDevices() {
        assertThat(Ulimit.parse("nofile=100:200")).isEqualTo(new Ulimit("nofile", 100, 200));
        assertThat(Ulimit.parse("core=-1")).isEqualTo(new Ulimit("core", -1, -1));
        assertThatThrownBy(() -> Ulimit.parse("nofile=300:200"))
                .hasMessageContaining("soft limit must be less than or equal to hard limit");
        assertThat(DeviceOption.parse("/dev/fuse"))
                .isEqualTo(new DeviceOption("/dev/fuse", "/dev/fuse", "rwm"));
        assertThat(DeviceOption.parse("/dev/a:/dev/b:r"))
                .isEqualTo(new DeviceOption("/dev/a", "/dev/b", "r"));
        assertThat(DeviceOption.parse("/dev/a:rw"))
                .isEqualTo(new DeviceOption("/dev/a", "/dev/a", "rw"));
    }

    @Test
    void shouldRefuseLimitsThatContradict() {
        assertThatThrownBy(() -> host("{\"Memory\":1000}"))
                .hasMessage("Minimum memory limit allowed is 6MB");
        assertThatThrownBy(() -> host("{\"Memory\":67108864,\"MemorySwap\":1000}"))
                .hasMessageContaining("Minimum memoryswap limit should be larger");
        assertThatThrownBy(() -> host("{\"NanoCpus\":1000000000,\"CpuQuota\":1000}"))
                .hasMessageContaining("Nano CPUs and CPU Period or Quota cannot both be set");
        assertThatThrownBy(
                        () -> host("{\"AutoRemove\":true,\"RestartPolicy\":{\"Name\":\"always\"}}"))
                .hasMessage("conflicting options: cannot specify both --restart and --rm");
    }

    @Test
    void shouldKeepEverythingThatWasAskedFor() {
        HostOptions asked =
                host(
                        """
                        {"Mounts":[{"Type":"bind","Source":"/a","Target":"/b","ReadOnly":true,
                          "Propagation":"rslave","CreateSource":true,"Copy":true}],
                         "NetworkMode":"container:x","PidMode":"host","IpcMode":"private",
                         "PortBindings":{"80/tcp":[{"HostIp":"::1","HostPort":"8080"}]},
                         "RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3},
                         "CapAdd":["ALL"],"Dns":["1.1.1.1"],"SecurityOpt":["seccomp=unconfined"],
                         "ShmSize":1024,"Runtime":"crun","Sysctls":{"a":"b"},"Memory":67108864,
                         "PidsLimit":5,"Devices":[{"PathOnHost":"/dev/a","PathInContainer":"/dev/b",
                         "CgroupPermissions":"r"}],"Ulimits":[{"Name":"core","Soft":1,"Hard":2}],
                         "Init":true,"LogConfig":{"Type":"json-file","Config":{"max-size":"1m"}}}
                        """);
        var writer = JsonWriter.compact();
        asked.write(writer);
        assertThat(HostOptions.read(JsonFields.read("again", writer.bytes()))).isEqualTo(asked);
        assertThat(asked.security("seccomp")).isEqualTo("unconfined");
        assertThat(asked.log().mostBytes()).isEqualTo(1 << 20);
    }

    private static HostOptions host(String json) {
        return HostOptions.read(JsonFields.read("test", json.getBytes(StandardCharsets.UTF_8)));
    }
}
