package dev.rung.tests.network;

import static dev.rung.tests.network.Neighbourhood.in;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.ContainerId;
import dev.rung.linux.Fd;
import dev.rung.network.Endpoint;
import dev.rung.network.NetworkSpec;
import dev.rung.testkit.NeedsProgram;
import dev.rung.testkit.Patience;
import dev.rung.testkit.SystemTest;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Names of neighbours, asked for at 127.0.0.11 from inside containers. */
@SystemTest
@NeedsProgram({"ip", "nft", "nsenter"})
class ContainerNamesTests {
    private static final int A = 1;
    private static final int AAAA = 28;
    private static final int PTR = 12;
    private static final InetSocketAddress SERVER =
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.11"), 53);

    private String before = "";
    private Neighbourhood host;

    @BeforeEach
    void settle() {
        before = Neighbourhood.traces();
        host = new Neighbourhood();
        host.create("front", NetworkSpec::withIpv6);
    }

    @AfterEach
    void shouldLeaveNothing() {
        host.close();
        Patience.await(() -> Neighbourhood.traces().equals(before), Neighbourhood::traces);
    }

    @Test
    void shouldFindNeighboursByNameAndAlias() {
        Namespace one = host.start("one", in("front"));
        host.start("two", spec -> in("front").apply(spec).withNames(List.of("two", "db")));

        assertThat(udp(one, "two", A)).isEqualTo("0: " + host.address("two"));
        assertThat(udp(one, "DB", A)).isEqualTo("0: " + host.address("two"));
        assertThat(udp(one, "two.front", A)).isEqualTo("0: " + host.address("two"));
        assertThat(udp(one, "two", AAAA)).isEqualTo("0: " + host.address6("two"));
        assertThat(udp(one, "one", A)).isEqualTo("0: " + host.address("one"));
        assertThat(tcp(one, "two", A)).isEqualTo("0: " + host.address("two"));
        assertThat(udp(one, reversed(host.address("two")), PTR)).isEqualTo("0: two.front");
    }

    @Test
    void shouldForgetWhoLeft() {
        host.create("inner", NetworkSpec::withoutWayOut);
        Namespace one = host.start("one", in("inner"));
        host.start("two", in("inner"));
        assertThat(udp(one, "two", A)).startsWith("0: ");
        host.end("two");

        assertThat(udp(one, "two", A)).isEqualTo("2: "); // and nobody else is asked
    }

    @Test
    void shouldKnowNobodyOfOtherNetworks() {
        host.create("back", NetworkSpec::withoutWayOut);
        host.start("one", in("front"));
        Namespace two = host.start("two", in("back"));

        assertThat(udp(two, "one", A)).isEqualTo("2: ");
        host.join("one", spec -> in("back").apply(spec).withoutDefaultRoute());
        assertThat(udp(two, "one", A)).startsWith("0: 172.");
    }

    @Test
    void shouldLeavePort53ToTheContainer() throws IOException {
        Namespace one = host.start("one", in("front"));

        try (DatagramChannel own =
                one.in(() -> DatagramChannel.open().bind(new InetSocketAddress(53)))) {
            assertThat(own.isOpen()).isTrue();
            assertThat(udp(one, "one", A)).isEqualTo("0: " + host.address("one"));
        }
    }

    @Test
    void shouldAnswerAgainWhenOpenedAnew() {
        Namespace one = host.start("one", in("front"));
        host.reopen();
        try (Fd namespace = one.descriptor()) {
            host.networks.serveNames(namespace, new ContainerId("one"), List.of());
        }

        assertThat(udp(one, "one", A)).isEqualTo("0: " + host.address("one"));
    }

    @Test
    void shouldBeRefusedAtOnceWhenNobodyAnswers() throws IOException {
        Namespace one = host.start("one", in("front"));
        host.reopen();

        try (DatagramChannel channel = one.in(() -> DatagramChannel.open().connect(SERVER))) {
            channel.socket().setSoTimeout(5_000);
            channel.write(ByteBuffer.wrap(new byte[12]));
            assertThatThrownBy(
                            () -> channel.socket().receive(new DatagramPacket(new byte[100], 100)))
                    .isInstanceOf(PortUnreachableException.class);
        }
        assertThat(one.call("127.0.0.11", 53)).isEqualTo("nobody");
    }

    @Test
    void shouldHaveTheKernelTrackNoConnections() {
        Namespace one = host.start("one", in("front"));

        assertThat(udp(one, "one", A)).isEqualTo("0: " + host.address("one"));
        assertThat(one.run("nft", "list", "ruleset"))
                .contains("127.0.0.11")
                .doesNotContain("type nat");
    }

    @Test
    void shouldAnswerBesideRulesOfTheContainer() {
        Namespace one = host.start("one", in("front"));
        one.run("nft", "add table ip own");
        one.run(
                "nft",
                "add chain ip own input { type filter hook input priority 0; policy drop; }");
        one.run("nft", "add rule ip own input ct state established accept");
        one.run("nft", "add rule ip own input ct state new ip daddr 127.0.0.11 accept");

        assertThat(udp(one, "one", A)).isEqualTo("0: " + host.address("one"));
        assertThat(tcp(one, "one", A)).isEqualTo("0: " + host.address("one"));
    }

    @Test
    void shouldAnswerWithoutPacketRules() {
        host.withoutRules();
        host.create("front", spec -> spec);
        Namespace one = host.start("one", in("front"));

        assertThat(udp(one, "one", A)).isEqualTo("0: " + host.address("one"));
        assertThat(tcp(one, "one", A)).isEqualTo("0: " + host.address("one"));
    }

    @Test
    void shouldNotHoldTheNamespaceOfAContainerThatEnded() {
        host.start("one", in("front"));
        Endpoint endpoint = host.endpoint("one");
        host.end("one");

        Patience.await(
                () -> !Neighbourhood.ip("-o link").contains(endpoint.hostLink()),
                () -> Neighbourhood.ip("link"));
    }

    private static String udp(Namespace container, String name, int type) {
        try (DatagramChannel channel = container.in(() -> DatagramChannel.open().connect(SERVER))) {
            channel.write(ByteBuffer.wrap(question(name, type)));
            channel.socket().setSoTimeout(5_000);
            var packet = new DatagramPacket(new byte[512], 512);
            channel.socket().receive(packet);
            return said(Arrays.copyOf(packet.getData(), packet.getLength()), name, type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String tcp(Namespace container, String name, int type) {
        try (SocketChannel channel = container.in(() -> SocketChannel.open(SERVER))) {
            byte[] question = question(name, type);
            channel.write(
                    ByteBuffer.allocate(question.length + 2)
                            .putShort((short) question.length)
                            .put(question)
                            .flip());
            var in = new DataInputStream(channel.socket().getInputStream());
            return said(in.readNBytes(in.readUnsignedShort()), name, type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] question(String name, int type) {
        var question = ByteBuffer.allocate(name.length() + 18);
        question.putShort((short) 77).putShort((short) 0x0100).putShort((short) 1);
        question.putInt(0).putShort((short) 0);
        for (String label : name.split("\\.")) {
            question.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        return question.put((byte) 0).putShort((short) type).putShort((short) 1).array();
    }

    /** The code of the answer and what the first record says. */
    private static String said(byte[] answer, String name, int type) throws IOException {
        String code = (answer[3] & 0xf) + ": ";
        if (answer[7] == 0) {
            return code;
        }
        int data = name.length() + 18 + 12;
        byte[] record = Arrays.copyOfRange(answer, data, answer.length);
        if (type != PTR) {
            return code + InetAddress.getByAddress(record).getHostAddress();
        }
        var text = new StringBuilder();
        for (int at = 0; record[at] != 0; at += record[at] + 1) {
            text.append(text.isEmpty() ? "" : ".");
            text.append(new String(record, at + 1, record[at], StandardCharsets.US_ASCII));
        }
        return code + text;
    }

    private static String reversed(String address) {
        String[] parts = address.split("\\.");
        return parts[3] + "." + parts[2] + "." + parts[1] + "." + parts[0] + ".in-addr.arpa";
    }
}
