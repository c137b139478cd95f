package dev.rung.image.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.layer.LayerUnpacker.Ownership;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.image.layer.UnpackedLayer;
import dev.rung.image.layer.UnpackedLayer.MissingLink;
import dev.rung.image.unpack.Unpacking.Order;
import dev.rung.image.unpack.Unpacking.Unpacked;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnpackWireTests {
    private static final Digest.Algorithm SHA256 = Digest.Algorithm.SHA256;

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] written(Writing writing) throws IOException {
        var bytes = new ByteArrayOutputStream();
        writing.to(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static Unpacked read(byte[] report) throws IOException {
        return UnpackWire.report(new DataInputStream(new ByteArrayInputStream(report)), SHA256);
    }

    private static UnpackedLayer layer(String path) {
        KernelPath at = KernelPath.of(path);
        return new UnpackedLayer(
                7, 3, List.of(KernelPath.of("")), List.of(at), List.of(new MissingLink(at, at)));
    }

    @Test
    void shouldCarryOrders() {
        var message = ByteBuffer.allocate(UnpackWire.ORDER_BYTES);
        var order =
                new Order(new UnpackLimits(1L << 40, 9), Ownership.CALLER, Digest.Algorithm.SHA512);
        UnpackWire.putOrder(message, order);
        assertThat(message.position()).isEqualTo(UnpackWire.orderLength());
        assertThat(UnpackWire.order(message.flip())).isEqualTo(order);
    }

    @Test
    void shouldCarryReports() throws IOException {
        var unpacked = new Unpacked(layer("a/b"), Digest.sha256(new byte[1]));
        assertThat(read(written(out -> UnpackWire.putReport(out, unpacked)))).isEqualTo(unpacked);
    }

    @Test
    void shouldCarryFailuresInOneLine() throws IOException {
        byte[] report =
                written(out -> UnpackWire.putFailure(out, new Failure.Invalid("bad\nlayer")));
        assertThatThrownBy(() -> read(report))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("bad\\nlayer");
        byte[] broken = written(out -> UnpackWire.putFailure(out, new EOFException("breaks off")));
        assertThatThrownBy(() -> read(broken))
                .isInstanceOf(IOException.class)
                .hasMessage("breaks off");
    }

    @Test
    void shouldTellReportsThatBreakOff() throws IOException {
        var unpacked = new Unpacked(layer("a/b"), Digest.sha256(new byte[1]));
        byte[] report = written(out -> UnpackWire.putReport(out, unpacked));
        for (int length = 0; length < report.length; length++) {
            byte[] part = Arrays.copyOf(report, length);
            assertThatThrownBy(() -> read(part)).isInstanceOf(EOFException.class);
        }
    }

    /** As an unpacker would send that was taken over. */
    @Test
    void shouldRefuseWhatIsNoPathOfALayer() throws IOException {
        for (String path : List.of("../etc", "a/../../b", "/etc", "a//b", "a/./b", "a/")) {
            byte[] report =
                    written(out -> {
                        out.writeByte(0);
                        out.write(new byte[16 + 32]);
                        out.writeInt(1);
                        out.writeShort(path.length());
                        out.writeBytes(path);
                        out.writeInt(0);
                        out.writeInt(0);
                    });
            assertThatThrownBy(() -> read(report)).isInstanceOf(Failure.Invalid.class);
        }
    }

    @Test
    void shouldNotBeFilledUp() throws IOException {
        byte[] report =
                written(out -> {
                    out.writeByte(0);
                    out.write(new byte[16 + 32]);
                    out.writeInt(Integer.MAX_VALUE);
                    for (int i = 0; i < 200_000; i++) {
                        out.writeShort(1);
                        out.writeByte('a');
                    }
                });
        assertThatThrownBy(() -> read(report))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("too many folders");
    }
}
