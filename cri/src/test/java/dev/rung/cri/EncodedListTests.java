package dev.rung.cri;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.cri.v1.Container;
import dev.rung.cri.v1.ListContainersResponse;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class EncodedListTests {
    private static final ListContainersResponse BOTH =
            ListContainersResponse.newBuilder()
                    .addContainers(Container.newBuilder().setId("one"))
                    .addContainers(Container.newBuilder().setId("two"))
                    .build();

    private final EncodedList list = new EncodedList(List.of(alone(0), alone(1)));

    private static byte[] alone(int index) {
        return ListContainersResponse.newBuilder()
                .addContainers(BOTH.getContainers(index))
                .build()
                .toByteArray();
    }

    @Test
    void shouldBeTheAnswerWithAllOfItsEntries() throws IOException {
        var written = new ByteArrayOutputStream();
        try (InputStream stream = EncodedList.MARSHALLER.stream(list)) {
            int length = ((KnownLength) stream).available();
            assertThat(((Drainable) stream).drainTo(written)).isEqualTo(length);
        }
        assertThat(ListContainersResponse.parseFrom(written.toByteArray())).isEqualTo(BOTH);
    }

    @Test
    void shouldBeReadInPiecesToo() throws IOException {
        try (InputStream stream = EncodedList.MARSHALLER.stream(list)) {
            int first = stream.read();
            assertThat(stream.available()).isEqualTo(BOTH.getSerializedSize() - 1);
            var written = new ByteArrayOutputStream();
            written.write(first);
            ((Drainable) stream).drainTo(written);
            assertThat(written.toByteArray()).isEqualTo(BOTH.toByteArray());
        }
    }

    @Test
    void shouldBeReadAsBytes() throws IOException {
        try (InputStream stream = EncodedList.MARSHALLER.stream(list)) {
            assertThat(stream.readAllBytes()).isEqualTo(BOTH.toByteArray());
        }
    }

    @Test
    void shouldBeEmptyWithoutEntries() throws IOException {
        try (InputStream stream = EncodedList.MARSHALLER.stream(new EncodedList(List.of()))) {
            assertThat(stream.available()).isZero();
            assertThat(stream.read()).isEqualTo(-1);
        }
    }
}
