package dev.rung.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixTests {
    @Test
    void shouldClearWhatFollowsTheLength() {
        assertThat(Prefix.parse("10.1.2.3/20")).hasToString("10.1.0.0/20");
        assertThat(Prefix.parse("fd00:1::5/64")).hasToString("fd00:1:0:0:0:0:0:0/64");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0.0",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/",
                "host/8",
                "::/129",
                "fe80::1%eth0/64",
                "/8",
                "10.0.0.0/1x"
            })
    void shouldRefuseWhatIsNoSubnet(String text) {
        assertThatThrownBy(() -> Prefix.parse(text))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("invalid subnet");
    }

    @Test
    void shouldSeeWhatOverlaps() {
        Prefix wide = Prefix.parse("172.16.0.0/12");

        assertThat(wide.overlaps(Prefix.parse("172.17.0.0/16"))).isTrue();
        assertThat(Prefix.parse("172.17.0.0/16").overlaps(wide)).isTrue();
        assertThat(wide.overlaps(Prefix.parse("172.32.0.0/16"))).isFalse();
        assertThat(wide.overlaps(Prefix.parse("::/0"))).isFalse();
    }

    @Test
    void shouldKnowWhichAddressesNoHostMayHave() {
        Prefix prefix = Prefix.parse("10.0.0.0/24");

        assertThat(prefix.isReserved(Prefix.parseAddress("10.0.0.0"))).isTrue();
        assertThat(prefix.isReserved(Prefix.parseAddress("10.0.0.255"))).isTrue();
        assertThat(prefix.isReserved(Prefix.parseAddress("10.0.0.254"))).isFalse();
        assertThat(Prefix.parse("10.0.0.0/31").isReserved(Prefix.parseAddress("10.0.0.0")))
                .isFalse();
    }
}
