package dev.rung.host.criu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.host.criu.CriuCgroups.Folder;
import dev.rung.host.criu.CriuCgroups.Hierarchy;
import dev.rung.host.criu.CriuCgroups.Member;
import dev.rung.host.criu.CriuImages.Rights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CriuImagesTests {
    private static final int CORE = 0x55053847;

    @TempDir private Path folder = Path.of("");

    @BeforeEach
    void writeInventory() throws IOException {
        write("inventory.img", 0x58313116, new MessageWriter().number(1, 2).message(3, ids(1)));
    }

    private static MessageWriter ids(int from) {
        var ids = new MessageWriter();
        for (int field = 5; field <= 10; field++) {
            ids.number(field, from + field);
        }
        return ids;
    }

    private void write(String name, int magic, MessageWriter... messages) throws IOException {
        var bytes = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        if (!name.equals("inventory.img")) {
            bytes.putInt(0x54564319);
        }
        bytes.putInt(magic);
        for (MessageWriter message : messages) {
            bytes.putInt(message.bytes().length).put(message.bytes());
        }
        var all = new byte[bytes.position()];
        bytes.flip().get(all);
        Files.write(folder.resolve(name), all);
    }

    private static MessageWriter credentials() {
        var credentials = new MessageWriter();
        for (int field = 1; field <= 8; field++) {
            credentials.number(field, 1000 + field);
        }
        return credentials.number(12, 0x80000001L).number(12, 1).number(14, 7).number(18, 1);
    }

    private static MessageWriter thread(MessageWriter credentials) {
        return new MessageWriter().number(11, 2).message(10, credentials);
    }

    @Test
    void shouldReadWhatProcessesGet() throws IOException {
        write("core-7.img", CORE, new MessageWriter().message(5, thread(credentials())));
        write("ids-7.img", 0x54432030, ids(20));
        var mount = new MessageWriter().number(1, 1).number(2, 8).number(4, 9).number(5, 1);
        mount.text(6, "/sys").text(7, "/proc/sys");
        var bind = new MessageWriter().number(1, 0).text(7, "/etc/hosts").text(18, "/hosts");
        write("mountpoints-5.img", 0x55563928, mount, bind);
        Files.writeString(folder.resolve("pages-1.img"), "anything");
        var member = new MessageWriter().text(1, "cpu").text(2, "/a").number(3, 2);
        var file = new MessageWriter().text(1, "cpu.shares").text(2, "5");
        var cgroup = new MessageWriter().text(1, "a").message(2, new MessageWriter());
        write(
                "cgroup.img",
                0x59383330,
                new MessageWriter()
                        .message(1, new MessageWriter().number(1, 1).message(2, member))
                        .message(
                                2,
                                new MessageWriter()
                                        .text(1, "cpu")
                                        .message(2, cgroup.message(3, file))));

        CriuImages images = CriuImages.read(folder);

        assertThat(images.outside().pid()).isEqualTo(6);
        assertThat(images.namespaces().getFirst().user()).isEqualTo(30);
        Rights rights = Objects.requireNonNull(images.threads().getFirst().rights());
        assertThat(rights.users()).containsExactly(1001L, 1003L, 1005L, 1007L);
        assertThat(rights.groups()).containsExactly(1002L, 1004L, 1006L, 1008L);
        assertThat(rights.additional()).containsExactly(7L);
        assertThat(rights.bounding()).isEqualTo(0x180000001L);
        assertThat(rights.noNewPrivileges()).isTrue();
        assertThat(rights.filtered()).isTrue();
        assertThat(images.cgroups())
                .isEqualTo(
                        new CriuCgroups(
                                List.of(
                                        new Hierarchy(
                                                List.of("cpu"),
                                                List.of(
                                                        new Folder(
                                                                "a",
                                                                false,
                                                                List.of("cpu.shares"))))),
                                List.of(new Member("cpu", "/a", 2))));
        assertThat(images.mounts())
                .containsExactly(
                        new CriuImages.Mount(
                                "mountpoints-5.img", 8, 9, 1, 1, "/sys", "/proc/sys", ""),
                        new CriuImages.Mount(
                                "mountpoints-5.img", 0, 0, 0, 0, "", "/etc/hosts", "/hosts"));
    }

    @Test
    void shouldTakeCapabilitiesThatAreWrittenInOne() throws IOException {
        var credentials = credentials().text(10, "\u0002\u0000");
        write("core-7.img", CORE, new MessageWriter().message(5, thread(credentials)));
        assertThat(rights().permitted()).isEqualTo(2);
        var more = credentials().number(11, 0).number(11, 0).number(11, 1);
        write("core-7.img", CORE, new MessageWriter().message(5, thread(more)));
        assertThat(rights().effective()).isEqualTo(-1);
    }

    private Rights rights() {
        return Objects.requireNonNull(CriuImages.read(folder).threads().getFirst().rights());
    }

    @Test
    void shouldRefuseWhatCriuWouldReadOtherwise() throws IOException {
        refused(thread(credentials()).message(10, credentials()));
        refused(thread(credentials()).number(11, 0));
        refused(thread(credentials().number(18, 0)));
        refused(thread(credentials().number(5, 0)));
        write(
                "core-7.img",
                CORE,
                new MessageWriter()
                        .message(5, thread(credentials()))
                        .message(5, thread(credentials())));
        noImage("core-7.img");
        write("core-7.img", 1, new MessageWriter());
        noImage("core-7.img");
        Files.write(folder.resolve("core-7.img"), new byte[] {1, 2, 3});
        noImage("core-7.img");
        Files.delete(folder.resolve("core-7.img"));
        write("inventory.img", 0x58313116, new MessageWriter().number(1, 1).message(3, ids(1)));
        noImage("inventory.img");
        Files.writeString(folder.resolve("inventory.img"), "nonsense");
        noImage("inventory.img");
    }

    private void refused(MessageWriter thread) throws IOException {
        write("core-7.img", CORE, new MessageWriter().message(5, thread));
        noImage("core-7.img");
    }

    private void noImage(String name) {
        assertThatThrownBy(() -> CriuImages.read(folder))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("the checkpoint's " + name + " is no image of criu's");
    }

    @Test
    void shouldWantCredentialsOfAllThatLive() throws IOException {
        var ended = new MessageWriter().number(1, 2);
        write("core-7.img", CORE, new MessageWriter().message(3, ended));
        assertThat(CriuImages.read(folder).threads().getFirst().rights()).isNull();
        var alive = new MessageWriter().number(1, 1);
        for (MessageWriter core :
                new MessageWriter[] {
                    new MessageWriter().message(3, alive),
                    new MessageWriter(),
                    new MessageWriter()
                            .message(3, ended)
                            .message(5, new MessageWriter().number(11, 2))
                }) {
            write("core-7.img", CORE, core);
            assertThatThrownBy(() -> CriuImages.read(folder))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("core-7.img tells of no credentials");
        }
    }
}
