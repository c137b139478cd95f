package dev.rung.oci.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTests {
    private static Json read(String text) {
        return Json.read("f.json", text.getBytes(UTF_8));
    }

    private static String compact(Json json) {
        return new String(JsonWriter.compact().value(json).bytes(), UTF_8);
    }

    private static String string(byte... inside) {
        byte[] text = new byte[inside.length + 2];
        System.arraycopy(inside, 0, text, 1, inside.length);
        text[0] = '"';
        text[text.length - 1] = '"';
        return ((JsonString) Json.read("f.json", text)).value();
    }

    @Test
    void shouldKeepOrderAndWriteBackWhatItRead() {
        String text = "{\"b\":[1,-2.5e+3,true,false,null],\"a\":{},\"c\":[],\"é\":\"ü\\n\\\"\"}";
        assertThat(compact(read(" \t\r\n" + text + "\n"))).isEqualTo(text);
    }

    @Test
    void shouldTakeTheLastOfDuplicateNames() {
        assertThat(compact(read("{\"a\":1,\"b\":2,\"a\":3}"))).isEqualTo("{\"a\":3,\"b\":2}");
        var many = new StringBuilder("{");
        for (int i = 0; i < 40; i++) {
            many.append("\"k").append(i % 20).append("\":").append(i).append(',');
        }
        var object = (JsonObject) read(many.append("\"z\":0}").toString());
        assertThat(object.size()).isEqualTo(21);
        assertThat(object.get("k19")).hasToString("39");
        assertThat(object.get("none")).isNull();
    }

    @Test
    void shouldRefuseDuplicateNamesWhereTheyAreAMistake() {
        byte[] good = "{\"a\":{\"a\":1},\"b\":[{\"a\":2},{\"a\":3}]}".getBytes(UTF_8);
        assertThat(compact(Json.readUnique("f", good))).isEqualTo(new String(good, UTF_8));
        byte[] twice = "{\"a\":{\"b\":1,\"b\":1}}".getBytes(UTF_8);
        assertThatThrownBy(() -> Json.readUnique("f", twice))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("want each name once");
    }

    @Test
    void shouldResolveEscapes() {
        var text = (JsonString) read("\"\\u0041\\/\\b\\f\\n\\r\\t\\\\\\\"\\ud83d\\ude00\\u0000\"");
        assertThat(text.value()).isEqualTo("A/\b\f\n\r\t\\\"\ud83d\ude00\0");
    }

    @Test
    void shouldReplaceLoneSurrogates() {
        assertThat(((JsonString) read("\"\\ud83d\"")).value()).isEqualTo("\ufffd");
        assertThat(((JsonString) read("\"\\ude00x\"")).value()).isEqualTo("\ufffdx");
        assertThat(((JsonString) read("\"\\ud83d\\u0041\"")).value()).isEqualTo("\ufffdA");
        assertThat(((JsonString) read("\"\\ud83d\\ud83d\\ude00\"")).value())
                .isEqualTo("\ufffd\ud83d\ude00");
    }

    @Test
    void shouldReplaceBytesThatAreNotUtf8OneByOne() {
        assertThat(string((byte) 0xff)).isEqualTo("\ufffd");
        assertThat(string((byte) 0xc3, (byte) 'x')).isEqualTo("\ufffdx");
        assertThat(string((byte) 0xc0, (byte) 0xaf)).isEqualTo("\ufffd\ufffd");
        assertThat(string((byte) 0xed, (byte) 0xa0, (byte) 0x80)).isEqualTo("\ufffd\ufffd\ufffd");
        assertThat(string((byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80))
                .isEqualTo("\ufffd\ufffd\ufffd\ufffd");
        assertThat(string((byte) 0xe2, (byte) 0x82, (byte) 0xac)).isEqualTo("€");
        assertThat(string((byte) 0xf0, (byte) 0x9f, (byte) 0x98, (byte) 0x80))
                .isEqualTo("\ud83d\ude00");
    }

    @Test
    void shouldReadIntegersExactly() {
        assertThat(((JsonNumber) read("9223372036854775807")).asLong()).isEqualTo(Long.MAX_VALUE);
        assertThat(((JsonNumber) read("-9223372036854775808")).asLong()).isEqualTo(Long.MIN_VALUE);
        assertThat(((JsonNumber) read("9223372036854775808")).asLong()).isNull();
        assertThat(((JsonNumber) read("-9223372036854775809")).asLong()).isNull();
        assertThat(((JsonNumber) read("9999999999999999999")).asLong()).isNull();
        assertThat(((JsonNumber) read("18446744073709551615")).asUnsignedLong()).isEqualTo(-1L);
        assertThat(((JsonNumber) read("18446744073709551616")).asUnsignedLong()).isNull();
        assertThat(((JsonNumber) read("99999999999999999999")).asUnsignedLong()).isNull();
        assertThat(((JsonNumber) read("-1")).asUnsignedLong()).isNull();
        assertThat(((JsonNumber) read("1.0")).asLong()).isNull();
        assertThat(((JsonNumber) read("1e3")).asUnsignedLong()).isNull();
        assertThat(((JsonNumber) read("-0")).asLong()).isZero();
        assertThat(((JsonNumber) read("1" + "0".repeat(100_000))).asLong()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``             | 1:1: want a value, got the end of the file",
                "{              | 1:2: want the name of a field in quotes, got the end of the file",
                "{\"a\" 1}      | 1:6: want \":\" after the name of a field, got '1'",
                "{\"a\":1 \"b\"}| 1:8: want \",\" or \"}\" after a field, got '\"'",
                "{\"a\":1,}     | 1:8: want the name of a field in quotes, got '}'",
                "[1,]           | 1:4: want a value, got ']'",
                "[1 2]          | 1:4: want \",\" or \"]\" after an element, got '2'",
                "[] []          | 1:4: want the end of the file, got '['",
                "nul            | 1:4: want null, got the end of the file",
                "trUe           | 1:3: want true, got 'U'",
                "NaN            | 1:1: want a value, got 'N'",
                "-Infinity      | 1:2: want a digit, got 'I'",
                "01             | 1:2: want the end of the file, got '1'",
                "1.             | 1:3: want a digit, got the end of the file",
                "+1             | 1:1: want a value, got '+'",
                "1e             | 1:3: want a digit, got the end of the file",
                "\"a            | 1:3: want a quote at the end of a string, got the end of the file",
                "\"\\x\"        | 1:3: want one of \"\\/bfnrtu after a backslash, got 'x'",
                "\"\\u12g4\"    | 1:6: want four hexadecimal digits, got 'g'",
                "//             | 1:1: want a value, got '/'",
            })
    void shouldSayWhereAndWhatItWanted(String text, String message) {
        assertThatThrownBy(() -> read(text))
                .isExactlyInstanceOf(Failure.Invalid.class)
                .hasMessage("f.json:" + message);
    }

    @Test
    void shouldCountLinesAndCharacters() {
        assertThatThrownBy(() -> read("{\n \"é\": x}"))
                .hasMessage("f.json:2:7: want a value, got 'x'");
        assertThatThrownBy(() -> read("\"a\nb\""))
                .hasMessageStartingWith("f.json:1:3: want control characters in a string escaped");
        assertThatThrownBy(() -> read("\ufeff{}"))
                .hasMessage("f.json:1:1: want JSON without a byte order mark");
    }

    @Test
    void shouldRefuseWhatIsTooDeepTooBigOrTooMuch() {
        assertThat(read("[".repeat(128) + "]".repeat(128))).isInstanceOf(JsonArray.class);
        assertThatThrownBy(() -> read("[".repeat(10_000) + "]".repeat(10_000)))
                .isExactlyInstanceOf(Failure.Invalid.class)
                .hasMessage("f.json:1:129: want arrays and objects nested at most 128 deep");
        assertThatThrownBy(() -> read("{\"a\":".repeat(10_000))).hasMessageContaining("128 deep");
        byte[] big = new byte[Json.LARGEST + 1];
        Arrays.fill(big, (byte) ' ');
        assertThatThrownBy(() -> Json.read("f.json", big))
                .hasMessage("f.json: 8388609 bytes of JSON, want at most 8388608");
        assertThatThrownBy(() -> read("[" + "0,".repeat(Json.MOST_VALUES) + "0]"))
                .hasMessageEndingWith(": want at most 250000 values");
    }

    @Test
    void shouldWriteAsGoDoes() {
        var writer = JsonWriter.indented("\t");
        writer.beginObject().field("a<b", "x&y>\u2028\u0001é\ud83d\ude00\ud83d");
        writer.name("none").beginObject().endObject();
        writer.name("empty").beginArray().endArray();
        writer.name("list").beginArray().value(1).value(true).beginObject().field("k", 2);
        writer.endObject().endArray().endObject();
        assertThat(new String(writer.bytes(), UTF_8))
                .isEqualTo(
                        """
                        {
                        \t"a\\u003cb": "x\\u0026y\\u003e\\u2028\\u0001é\ud83d\ude00\\ufffd",
                        \t"none": {},
                        \t"empty": [],
                        \t"list": [
                        \t\t1,
                        \t\ttrue,
                        \t\t{
                        \t\t\t"k": 2
                        \t\t}
                        \t]
                        }\
                        """);
    }

    @Test
    void shouldLeaveAHoleForANumber() {
        var writer = JsonWriter.compact();
        writer.beginObject().field("a", 1);
        int hole = writer.hole("pid", 10);
        writer.field("b", 2).endObject();
        byte[] json = writer.bytes();
        assertThat(new String(json, UTF_8)).isEqualTo("{\"a\":1,\"pid\":          ,\"b\":2}");
        System.arraycopy("       4711".getBytes(UTF_8), 1, json, hole, 10);
        assertThat(((JsonObject) Json.read("f", json)).get("pid")).hasToString("4711");
    }
}
