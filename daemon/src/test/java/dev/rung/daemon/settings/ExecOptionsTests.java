package dev.rung.daemon.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.engine.CgroupDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecOptionsTests {
    @TempDir Path folder;

    private CgroupDriver driver(String options) throws IOException {
        Files.writeString(folder.resolve("daemon.json"), "{\"exec-opts\": " + options + "}");
        return ConfigurationFiles.read(folder).engine().cgroups();
    }

    @Test
    void shouldSayWhoMakesCgroups() throws IOException {
        assertThat(ConfigurationFiles.read(folder).engine().cgroups())
                .isEqualTo(CgroupDriver.CGROUPFS);
        assertThat(driver("[\"native.cgroupdriver=systemd\"]")).isEqualTo(CgroupDriver.SYSTEMD);
        assertThat(driver("[\"native.cgroupdriver=cgroupfs\"]")).isEqualTo(CgroupDriver.CGROUPFS);
        assertThatThrownBy(() -> driver("[\"native.cgroupdriver=other\"]"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("want native.cgroupdriver=cgroupfs or");
    }
}
