package dev.rung.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AddressPoolsTests {
    @Test
    void shouldGoThroughDockersPools() {
        assertThat(next(List.of())).hasToString("172.17.0.0/16");
        assertThat(next(List.of(Prefix.parse("172.17.3.0/24")))).hasToString("172.18.0.0/16");
        assertThat(next(List.of(Prefix.parse("172.16.0.0/12")))).hasToString("192.168.0.0/20");
        assertThatThrownBy(() -> next(List.of(Prefix.parse("0.0.0.0/0"))))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageContaining("all predefined address pools have been fully subnetted");
    }

    private static Prefix next(List<Prefix> inUse) {
        return AddressPools.next(NetworkDefaults.USUAL.pools(true), inUse);
    }

    @Test
    void shouldGoThroughPoolsThatAreSettled() {
        var pools =
                List.of(
                        NetworkDefaults.Pool.of("10.50.0.0/23", 24),
                        NetworkDefaults.Pool.of("10.60.0.0/16", 26));

        assertThat(AddressPools.next(pools, List.of(Prefix.parse("10.50.0.0/24"))))
                .hasToString("10.50.1.0/24");
        assertThat(AddressPools.next(pools, List.of(Prefix.parse("10.50.0.0/16"))))
                .hasToString("10.60.0.0/26");
        assertThatThrownBy(() -> NetworkDefaults.Pool.of("10.50.0.0/16", 8))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("want 16 to 32");
    }

    @Test
    void shouldDrawUniqueLocalSubnets() {
        Prefix drawn = AddressPools.ipv6(List.of(), new SecureRandom());

        assertThat(Prefix.parse("fd00::/8").contains(drawn.base())).isTrue();
        assertThat(drawn.length()).isEqualTo(64);
    }

    @Test
    void shouldGiveTheLowestFreeAddress() {
        var subnet = subnet("10.0.0.0/29", "10.0.0.1");
        var taken = new HashSet<InetAddress>();
        for (int host = 2; host <= 6; host++) {
            InetAddress next = AddressPools.next(subnet, taken, _ -> true);
            assertThat(next).isEqualTo(Prefix.parseAddress("10.0.0." + host));
            taken.add(next);
        }
        assertThatThrownBy(() -> AddressPools.next(subnet, taken, _ -> true))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageContaining("no available IPv4 addresses");
        taken.remove(Prefix.parseAddress("10.0.0.4"));
        assertThat(AddressPools.next(subnet, taken, _ -> true).getHostAddress())
                .isEqualTo("10.0.0.4");
    }

    @Test
    void shouldPassOverAddressesThatSomebodyStillAnswersFor() {
        assertThat(
                        AddressPools.next(
                                        subnet("10.0.0.0/29", "10.0.0.1"),
                                        Set.of(),
                                        address -> !address.getHostAddress().equals("10.0.0.2"))
                                .getHostAddress())
                .isEqualTo("10.0.0.3");
    }

    @Test
    void shouldMakeMacAddressesFromAddresses() {
        assertThat(MacAddress.of(Prefix.parseAddress("172.17.0.2")))
                .hasToString("02:42:ac:11:00:02");
        assertThat(MacAddress.parse("02:42:ac:11:00:02"))
                .isEqualTo(MacAddress.of(Prefix.parseAddress("172.17.0.2")));
        assertThatThrownBy(() -> MacAddress.parse("01:00:5e:00:00:01"))
                .isInstanceOf(Failure.Invalid.class);
    }

    @Test
    void shouldKeepAuxiliaryAddresses() {
        Network.Subnet subnet = subnet("10.0.0.0/29", "10.0.0.1");
        Network.Subnet made =
                subnet.withAuxiliary(
                        Map.of(
                                "printer",
                                Prefix.parseAddress("10.0.0.3"),
                                "DefaultGatewayIPv4",
                                Prefix.parseAddress("10.0.0.2")));

        assertThat(made.router()).isEqualTo(Prefix.parseAddress("10.0.0.2"));
        assertThat(made.reserved()).isEqualTo(Map.of("printer", Prefix.parseAddress("10.0.0.3")));
        assertThat(made.auxiliary()).hasSize(2);
        assertThatThrownBy(() -> subnet.withAuxiliary(Map.of("a", Prefix.parseAddress("10.0.1.3"))))
                .hasMessageContaining(
                        "invalid auxiliary address a: parent subnet 10.0.0.0/29 doesn't contain"
                                + " this address");
        assertThatThrownBy(() -> subnet.withAuxiliary(Map.of("a", Prefix.parseAddress("fd00::1"))))
                .hasMessageContaining("address a: parent subnet is an IPv4 block");
        assertThatThrownBy(() -> subnet.withAuxiliary(Map.of("a", Prefix.parseAddress("10.0.0.1"))))
                .hasMessage(
                        "failed to allocate secondary ip address (a:10.0.0.1): Address already in"
                                + " use");
    }

    @Test
    void shouldTakeNamesAsDockerDoes() {
        assertThat(Network.checkedName("my net/1")).isEqualTo("my net/1");
        assertThatThrownBy(() -> Network.checkedName("  "))
                .hasMessage("invalid name: name is empty");
        assertThatThrownBy(() -> Network.checkedName("a\u001b[31m"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("characters that can be printed");
    }

    private static Network.Subnet subnet(String prefix, String gateway) {
        return new Network.Subnet(
                Prefix.parse(prefix), Prefix.parse(prefix), Prefix.parseAddress(gateway));
    }
}
