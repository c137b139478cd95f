package dev.rung.host.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class DeviceMoveTests {
    private static final byte[] DONE =
            HexFormat.of().parseHex("14000000030002000000000000000000" + "00000000");
    private static final int PERMANENT = 0x80;

    @Test
    void shouldMoveAndRenameInOneMessage() {
        DeviceMove move =
                DeviceMove.of("k", "eth0", "net0", answer(link(7, "eth0")), answer(link(1, "lo")));

        assertThat(hex(move.move()))
                .isEqualTo(
                        digits(
                                "3c000000 1000 0500 00000000 00000000" // RTM_NEWLINK, acknowledged
                                        + "00000000 07000000 00000000 00000000" // device 7
                                        + "0800 1c00 00000000" // to the namespace
                                        + "0800 3100 07000000" // keeping its number
                                        + "0900 0300 6e657430 00000000"));
        assertThat(DeviceMove.NAMESPACE_AT).isEqualTo(36);
    }

    @Test
    void shouldRaiseTheDeviceAtLast() {
        DeviceMove move =
                DeviceMove.of("k", "eth0", "eth0", answer(link(7, "eth0")), answer(link(1, "lo")));

        assertThat(hex(move.settle()))
                .isEqualTo(
                        digits(
                                "20000000 1000 0500 00000000 00000000"
                                        + "00000000 07000000 01000000 01000000"));
    }

    @Test
    void shouldKeepOnlyGlobalPermanentAddressesOfTheDevice() {
        byte[] mine = {10, 0, 0, 1};
        RouteAnswer outside =
                answer(
                        link(7, "eth0"),
                        address(7, 0, PERMANENT | 0x2, mine),
                        address(7, 253, PERMANENT, new byte[] {10, 0, 0, 2}), // of the link
                        address(7, 0, 0, new byte[] {10, 0, 0, 3}), // leased
                        address(8, 0, PERMANENT, new byte[] {10, 0, 0, 4})); // another's

        DeviceMove move = DeviceMove.of("k", "eth0", "eth0", outside, answer());

        assertThat(hex(move.settle()))
                .startsWith(
                        digits(
                                "30000000 1400 0106 00000000 00000000"
                                        + "02180000 07000000"
                                        + "0800 0100 0a000001 0800 0200 0a000001"
                                        + "0800 0800 02000000"
                                        + "20000000"));
    }

    @Test
    void shouldTakeAnotherNumberWhenTheContainerHasThisOne() {
        DeviceMove move =
                DeviceMove.of(
                        "k",
                        "eth0",
                        "net0",
                        answer(link(7, "eth0")),
                        answer(link(1, "lo"), link(7, "x"), link(9, "y")));

        assertThat(hex(move.move())).contains(digits("0800 3100 0a000000"));
        assertThat(hex(move.settle())).contains(digits("00000000 0a000000"));
    }

    @Test
    void shouldFillInATemplate() {
        RouteAnswer inside = answer(link(1, "lo"), link(2, "eth0"), link(3, "eth1x"));

        DeviceMove move = DeviceMove.of("k", "e", "eth%d", answer(link(7, "e")), inside);

        assertThat(hex(move.move())).endsWith(digits("0900 0300 65746831 00000000"));
    }

    @Test
    void shouldRefuseNamesThatAreTakenOrNoTemplates() {
        RouteAnswer outside = answer(link(7, "e"));
        RouteAnswer inside = answer(link(1, "lo"), link(2, "eth0"));

        assertThatThrownBy(() ->
                        DeviceMove.of("linux.netDevices[\"e\"]", "e", "eth0", outside, inside))
                .isInstanceOf(Failure.AlreadyExists.class)
                .hasMessage(
                        "fail to move network device to the container's network namespace as eth0: file"
                                + " exists (config.json: linux.netDevices[\"e\"])");
        assertThatThrownBy(() -> DeviceMove.of("k", "e", "a%x", outside, inside))
                .hasMessageContaining("a%x: invalid argument");
        assertThatThrownBy(() -> DeviceMove.of("k", "e", "%d%d", outside, inside))
                .hasMessageContaining("%d%d: invalid argument");
    }

    @Test
    void shouldSayThatADeviceIsNotThere() {
        var outside = new RouteAnswer();
        outside.add(
                HexFormat.of()
                        .parseHex("24000000020000000000000000000000edffffff" + "00".repeat(16)));
        assertThat(outside.add(DONE)).isTrue();

        assertThatThrownBy(() -> DeviceMove.of("k", "eth9", "eth9", outside, answer()))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessage(
                        "link not found for interface eth9 on runtime namespace: no such device"
                                + " (config.json: k)");
    }

    private static RouteAnswer answer(byte[]... datagrams) {
        var answer = new RouteAnswer();
        for (byte[] datagram : datagrams) {
            assertThat(answer.add(datagram)).isFalse();
        }
        assertThat(answer.add(DONE)).isTrue();
        return answer;
    }

    private static byte[] link(int index, String name) {
        return new RouteWriter()
                .link(RouteWriter.RTM_NEWLINK, 0, index, 0, 0)
                .attribute(3, name)
                .attribute(60, 5)
                .bytes();
    }

    private static byte[] address(int index, int scope, int flags, byte[] local) {
        byte[] bytes =
                new RouteWriter()
                        .address(RouteWriter.RTM_NEWADDR, 0, 2, 24, index)
                        .attribute(1, local)
                        .attribute(2, local)
                        .attribute(8, flags)
                        .bytes();
        bytes[19] = (byte) scope;
        return bytes;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** Digits that are grouped to be read. */
    private static String digits(String grouped) {
        return grouped.replace(" ", "");
    }
}
