package dev.rung.cli.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class HelpTests {
    @Test
    void shouldLayOutACommandAsRuncDoes() {
        assertThat(Help.of(Objects.requireNonNull(Syntaxes.of("list"))))
                .isEqualTo(
                        """
                        NAME:
                           rung-oci list - list the containers below --root

                        USAGE:
                           rung-oci list [command options]\s

                        OPTIONS:
                           --format value, -f value  select one of: table or json (default: "table")
                           --quiet, -q               print the names only
                        """);
    }

    @Test
    void shouldNameEveryCommand() {
        String help = Help.all("/run/rung-oci");
        for (Syntax command : Syntaxes.all()) {
            assertThat(help).contains("\n   " + command.name() + " ");
            assertThat(Syntaxes.of(command.name())).isSameAs(command);
        }
        assertThat(help).contains("(default: \"/run/rung-oci\")").contains("--criu value ");
    }

    @Test
    void shouldNotTellOfHiddenOptions() {
        assertThat(Help.of(Objects.requireNonNull(Syntaxes.of("create"))))
                .doesNotContain("--config")
                .contains("--bundle value, -b value  ");
    }

    @Test
    void shouldPrintTheVersionInTheShapeThatToolsParse() {
        assertThat("rung-oci version " + Version.lines())
                .matches("rung-oci version \\d\\S+\\ncommit: \\S+\\nspec: 1\\.3\\.0\\n");
    }
}
