package dev.rung.host.criu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.host.criu.CriuOptions.CgroupMode;
import dev.rung.host.criu.CriuOptions.Choice;
import dev.rung.host.criu.CriuOptions.PageServer;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The bytes are those that protoc makes and reads of criu's images/rpc.proto. */
class CriuMessagesTests {
    private static final CriuOptions PLAIN =
            new CriuOptions(EnumSet.noneOf(Choice.class), CgroupMode.SOFT, null, "", "", "", "");

    @Test
    void shouldAskForADump() {
        byte[] bytes = CriuRequest.dump(PLAIN, 70, "dump.log", 300, "/r").bytes();

        // type DUMP; images_dir_fd 70, log_level 4, log_file, notify_scripts, manage_cgroups,
        // manage_cgroups_mode SOFT, empty_ns, orphan_pts_master, pid 300, root
        assertThat(hex(bytes))
                .isEqualTo(
                        "08011227"
                                + "0846"
                                + "4804"
                                + "520864756d702e6c6f67"
                                + "6001"
                                + "c00101"
                                + "900203"
                                + "b0028080808004"
                                + "900301"
                                + "10ac02"
                                + "6a022f72");
    }

    @Test
    void shouldAskForWhatIsWanted() {
        var options =
                new CriuOptions(
                        EnumSet.allOf(Choice.class),
                        CgroupMode.IGNORE,
                        new PageServer("::1", 9),
                        "../p",
                        "selinux:x",
                        "y",
                        "");

        byte[] bytes =
                CriuRequest.dump(options, 1, "l", 1, "/")
                        .workFolder(2)
                        .mount("/a", "/b")
                        .external("net", 5, "k")
                        .bytes();

        assertThat(bytes[1]).isEqualTo((byte) 4); // PRE_DUMP
        assertThat(hex(bytes))
                .contains("5a07" + "0a033a3a31" + "1009") // ps
                .contains("72042e2e2f70" + "7801") // parent_img, track_mem
                .contains("900200") // IGNORE
                .contains("880102") // work_dir_fd
                .contains("ba0108" + "0a022f61" + "12022f62") // ext_mnt
                .contains("aa02086e65745b355d3a6b"); // external "net[5]:k"
    }

    @Test
    void shouldSayThatItMayGoOn() {
        assertThat(hex(CriuRequest.goOn())).isEqualTo("08061801");
    }

    @Test
    void shouldReadANotification() {
        CriuAnswer answer = read("080610012a090a04696e697410d209");

        assertThat(answer).isEqualTo(new CriuAnswer(6, true, "init", 1234, 0));
        assertThat(answer.isNotification()).isTrue();
    }

    @Test
    void shouldReadAFailure() {
        // with words, which the log has, too, and a field that nobody knows
        CriuAnswer answer = read("0801100038104a0178980601");

        assertThat(answer).isEqualTo(new CriuAnswer(1, false, "", 0, 16));
        assertThat(answer.failure())
                .isInstanceOf(Failure.HostRefused.class)
                .hasMessage("criu failed: type DUMP errno 16");
    }

    @Test
    void shouldRefuseNonsense() {
        for (String nonsense :
                new String[] {"08", "2aff01", "2a05", "0b", "ffffffffffffffffffff"}) {
            assertThatThrownBy(() -> read(nonsense))
                    .hasMessage("criu failed: its answer is no message");
        }
    }

    private static CriuAnswer read(String hex) {
        return CriuAnswer.read(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
