package dev.rung.rpc.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestParserTests {
    private static final String GOOD =
            "POST /v1.50/containers/create?name=web&x=a%20b+c HTTP/1.1\r\nHost: docker\r\n"
                    + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

    private static HttpRequest parse(String text) throws HttpRefusal {
        byte[] bytes = text.getBytes(ISO_8859_1);
        int length = RequestParser.length(bytes, 0, bytes.length);
        assertThat(length).isPositive();
        return RequestParser.parse(bytes, 0, length, 64);
    }

    @Test
    void shouldReadARequest() throws Exception {
        HttpRequest request = parse(GOOD);
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.path()).isEqualTo("/v1.50/containers/create");
        assertThat(request.parameter("name")).isEqualTo("web");
        assertThat(request.parameter("x")).isEqualTo("a b c");
        assertThat(request.headers().get("content-type")).isEqualTo("application/json");
        assertThat(request.keepsConnection()).isTrue();
    }

    @Test
    void shouldFindTheEndOfAHeadAndNothingBehindIt() {
        byte[] bytes = GOOD.getBytes(ISO_8859_1);
        assertThat(RequestParser.length(bytes, 0, bytes.length)).isEqualTo(bytes.length - 2);
        for (int end = 0; end < bytes.length - 2; end++) {
            assertThat(RequestParser.length(bytes, 0, end)).isEqualTo(-1);
        }
    }

    @Test
    void shouldDecodeAPathAndKeepItsRawForm() throws Exception {
        HttpRequest request = parse("GET /images/a%2Fb%C3%A9/json HTTP/1.1\nHost: x\n\n");
        assertThat(request.path()).isEqualTo("/images/a/b\u00e9/json");
        assertThat(request.rawPath()).isEqualTo("/images/a%2Fb%C3%A9/json");
        assertThat(parse("GET http://host:1/a?b HTTP/1.1\nHost: x\n\n").path()).isEqualTo("/a");
    }

    @Test
    void shouldCloseOldConnectionsUnlessAskedNotTo() throws Exception {
        assertThat(parse("GET / HTTP/1.0\r\n\r\n").keepsConnection()).isFalse();
        assertThat(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keepsConnection())
                .isTrue();
        assertThat(
                        parse("GET / HTTP/1.1\r\nHost: x\r\nConnection: a, Close\r\n\r\n")
                                .keepsConnection())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /\r\n\r\n",
                " GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET  HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET a HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET * HTTP/1.1\r\nHost: x\r\n\r\n",
                "G(T / HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /%0 HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /?%0 HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\ry\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\u0000y\r\n\r\n",
                "GET / XTTP/1.1\r\nHost: x\r\n\r\n",
            })
    void shouldRefuseWhatCanBeReadInTwoWays(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOfSatisfying(
                        HttpRefusal.class, e -> assertThat(e.status()).isEqualTo(400));
    }

    @Test
    void shouldRefuseOtherVersionsAndFloodsOfFields() {
        assertThatThrownBy(() -> parse("GET / HTTP/2.0\r\nHost: x\r\n\r\n"))
                .isInstanceOfSatisfying(
                        HttpRefusal.class, e -> assertThat(e.status()).isEqualTo(505));
        String flood = "GET / HTTP/1.1\r\n" + "a: b\r\n".repeat(65) + "\r\n";
        assertThatThrownBy(() -> parse(flood))
                .isInstanceOfSatisfying(
                        HttpRefusal.class, e -> assertThat(e.status()).isEqualTo(431));
    }

    /** Whatever comes, it is a request or a refusal, and a request has nothing dangerous in it. */
    @Test
    void shouldTakeEveryMutationForARequestOrRefuseIt() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        String odd = "\r\n\0 :%/?&=+#;,\t\u007f\u00ffHTTP0";
        int read = 0;
        for (int round = 0; round < 20_000; round++) {
            var text = new StringBuilder(GOOD);
            for (int i = random.nextInt(4); i >= 0; i--) {
                int place = random.nextInt(text.length());
                char c = odd.charAt(random.nextInt(odd.length()));
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(place, c);
                    case 1 -> text.insert(place, c);
                    default -> text.delete(place, Math.min(text.length(), place + 3));
                }
            }
            byte[] bytes = text.toString().getBytes(ISO_8859_1);
            int length = RequestParser.length(bytes, 0, bytes.length);
            if (length < 0) {
                continue;
            }
            try {
                HttpRequest request = RequestParser.parse(bytes, 0, length, 64);
                read++;
                assertThat(request.path()).as("seed %d", seed).startsWith("/").doesNotContain("\0");
                assertThat(request.method()).matches("[^\\s:/?]+");
            } catch (HttpRefusal e) {
                assertThat(e.status()).as("seed %d", seed).isIn(400, 431, 505);
            }
        }
        assertThat(read).isGreaterThan(1000);
    }
}
