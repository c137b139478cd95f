package dev.rung.image.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProxiesTests {
    private static boolean isProxied(String none, String uri) {
        return new Proxies(
                                Map.of(
                                        "http_proxy", "proxy:3128",
                                        "HTTPS_PROXY", "https://proxy",
                                        "no_proxy", none))
                        .of(URI.create(uri))
                != null;
    }

    @Test
    void shouldReadNoProxyAsGoDoes() {
        assertThat(isProxied("", "http://a.test/")).isTrue();
        assertThat(isProxied("", "http://localhost:5000/")).isFalse();
        assertThat(isProxied("", "https://127.0.0.1/")).isFalse();
        assertThat(isProxied("", "https://[::1]/")).isFalse();
        assertThat(isProxied("*", "https://a.test/")).isFalse();
        assertThat(isProxied("a.test", "https://a.test/")).isFalse();
        assertThat(isProxied("a.test", "https://b.a.test/")).isFalse();
        assertThat(isProxied(".a.test", "https://a.test/")).isTrue();
        assertThat(isProxied("x, *.a.test", "https://b.a.test/")).isFalse();
        assertThat(isProxied("a.test:80", "https://a.test/")).isTrue();
        assertThat(isProxied("A.test:443", "https://a.TEST/")).isFalse();
        assertThat(isProxied("10.0.0.0/8", "http://10.1.1.1/")).isFalse();
        assertThat(isProxied("10.0.0.0/8", "http://11.1.1.1/")).isTrue();
        assertThat(isProxied("fd00::/8", "http://[fd00::1]/")).isFalse();
        assertThat(isProxied("ba.test", "http://a.test/")).isTrue();
    }

    @Test
    void shouldChooseByScheme() {
        var proxies = new Proxies(Map.of("HTTP_PROXY", "proxy:3128"));
        assertThat(proxies.of(URI.create("http://a.test/"))).hasToString("http://proxy:3128");
        assertThat(proxies.of(URI.create("https://a.test/"))).isNull();
        assertThatThrownBy(() -> new Proxies(Map.of("HTTP_PROXY", "http://")))
                .isInstanceOf(Failure.Invalid.class);
    }
}
