package dev.rung.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TomlTableTests {
    @Test
    void shouldReadTablesKeysAndValues() {
        String toml =
                """
                # all there is
                a = 1 # one
                b.c = "t\\u00e9\\n"
                'd e' = 'C:\\raw'
                [table]
                flag = true
                hex = 0xff_ff
                list = [
                    "x", # first
                    'y',
                ]
                [table."inner one"]
                inline = {p = "q", r = {s = -2}}
                [[many]]
                n = 1
                [[many]]
                n = 2
                """;

        assertThat(json(toml))
                .isEqualTo(
                        "{\"a\":1,\"b\":{\"c\":\"té\\n\"},\"d e\":\"C:\\\\raw\",\"table\":{\"flag\":true,"
                                + "\"hex\":65535,\"list\":[\"x\",\"y\"],\"inner one\":{\"inline\":{\"p\":\"q\","
                                + "\"r\":{\"s\":-2}}}},\"many\":[{\"n\":1},{\"n\":2}]}");
    }

    @Test
    void shouldReadTextsOfManyLines() {
        assertThat(json("a = \"\"\"\none \\\n   two\nthree\"\"\"\nb = '''x\\y'''"))
                .isEqualTo("{\"a\":\"one two\\nthree\",\"b\":\"x\\\\y\"}");
    }

    @Test
    void shouldSayWhereItIsNoToml() {
        refused("a = 1\nb =", "f.toml: line 2: want a value, got the end of the file");
        refused("a = yes", "line 1: \"yes\" is neither a number nor a text in quotes");
        refused("a = 1\na = 2", "line 2: key \"a\" is given twice");
        refused("[a]\n[a]", "line 2: table \"a\" is given twice");
        refused("a = 1 b = 2", "line 1: want the end of the line, got \"b\"");
        refused("a = \"x\nb = 1", "line 1: a text is not closed by \"");
        refused("[a", "want \"]\", got the end of the file");
        refused("a = \"\\q\"", "\"\\q\" is no escape");
        refused("a = 1\na.b = 2", "line 2: key \"a\" is no table");
        refused("a = " + "[".repeat(50), "values nest deeper than 32");
        refused("a = 2024-01-01", "is neither a number nor a text in quotes");
        refused("a = [{b = 1}]\n[[a]]", "line 2: key \"a\" is no array of tables");
        refused("[a]\nb = [1.5]", "f.toml: a.b: want no fraction");
    }

    private static String json(String toml) {
        return new String(TomlTable.parse("f.toml", toml).json(), StandardCharsets.UTF_8);
    }

    private static void refused(String toml, String words) {
        assertThatThrownBy(() -> json(toml))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(words);
    }
}
