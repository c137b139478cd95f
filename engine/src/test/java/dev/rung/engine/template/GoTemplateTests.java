package dev.rung.engine.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class GoTemplateTests {
    private static final String CONTAINER =
            """
            {"Id":"abc","Name":"/web","State":{"Status":"running","Pid":12,"Paused":false},
             "Config":{"Env":["A=1","B=2"],"Labels":{"b":"2","a":"1"},"Cmd":null,"Volumes":null},
             "NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}]},
             "Networks":{"bridge":{"IPAddress":"172.17.0.2"}}},"Mounts":[]}
            """;

    @Test
    void shouldPrintFields() {
        assertThat(of("{{.State.Status}} {{ .State.Pid }}")).isEqualTo("running 12");
        assertThat(of("{{.State.Paused}}|{{.Config.Cmd}}|{{.Config.Env}}"))
                .isEqualTo("false|<nil>|[A=1 B=2]");
        assertThat(of("{{.Config.Labels}}")).isEqualTo("map[a:1 b:2]");
    }

    @Test
    void shouldPrintJson() {
        assertThat(of("{{json .Config.Labels}}")).isEqualTo("{\"b\":\"2\",\"a\":\"1\"}");
        assertThat(of("{{.State | json}}"))
                .isEqualTo("{\"Status\":\"running\",\"Pid\":12,\"Paused\":false}");
    }

    @Test
    void shouldRange() {
        assertThat(of("{{range .Config.Env}}{{.}};{{end}}")).isEqualTo("A=1;B=2;");
        assertThat(of("{{range $k, $v := .Config.Labels}}{{$k}}={{$v}} {{end}}"))
                .isEqualTo("a=1 b=2 ");
        assertThat(of("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"))
                .isEqualTo("172.17.0.2");
        assertThat(of("{{range .Mounts}}x{{else}}none{{end}}")).isEqualTo("none");
    }

    @Test
    void shouldIndex() {
        assertThat(of("{{(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort}}"))
                .isEqualTo("8080");
        assertThat(of("{{index .Config.Labels \"a\"}}{{index .Config.Labels \"none\"}}"))
                .isEqualTo("1");
        assertThat(of("{{index .Config.Volumes \"/data\"}}|{{with .Config.Volumes.data}}x{{end}}"))
                .isEqualTo("|");
    }

    @Test
    void shouldChoose() {
        assertThat(of("{{if .State.Paused}}p{{else if eq .State.Status \"running\"}}r{{end}}"))
                .isEqualTo("r");
        assertThat(of("{{with .Config.Cmd}}c{{else}}{{.Id}}{{end}}")).isEqualTo("abc");
        assertThat(of("{{if and .Id (not .Mounts)}}yes{{end}}")).isEqualTo("yes");
    }

    @Test
    void shouldCallFunctions() {
        assertThat(of("{{join .Config.Env \", \"}} {{upper .Id}} {{len .Config.Env}}"))
                .isEqualTo("A=1, B=2 ABC 2");
        assertThat(of("{{printf \"%s-%d\" .Id .State.Pid}}{{println}}")).isEqualTo("abc-12\n");
        assertThat(of("{{truncate .State.Status 3}}{{\"}}\"}}")).isEqualTo("run}}");
    }

    @Test
    void shouldKeepVariables() {
        assertThat(of("{{$p := .State.Pid}}{{with .Config}}{{$p}}{{$.Id}}{{end}}"))
                .isEqualTo("12abc");
    }

    @Test
    void shouldTrimBlanks() {
        assertThat(of("a {{- .Id -}} b")).isEqualTo("aabcb");
    }

    @Test
    void shouldKnowMapsThatLackAKey() {
        assertThat(of("{{.Config.Labels.c}}|{{with .Config.Labels.c}}x{{else}}-{{end}}"))
                .isEqualTo("<no value>|-");
    }

    @Test
    void shouldAskForALabel() {
        var json = (JsonObject) Json.read("row", "{}".getBytes(StandardCharsets.UTF_8));

        assertThat(GoTemplate.parse("{{.Label \"a.b\"}}").of(json, name -> "<" + name + ">"))
                .isEqualTo("<a.b>");
        assertThatThrownBy(() -> of("{{.Label \"a\"}}")).isInstanceOf(Failure.Invalid.class);
    }

    @Test
    void shouldRefuseWhatIsNotThere() {
        assertThatThrownBy(() -> of("{{.Nope}}"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("map has no entry for key \"Nope\"");
        assertThatThrownBy(() -> of("{{nope .Id}}")).hasMessageContaining("not defined");
        assertThatThrownBy(() -> of("{{.Id")).hasMessageContaining("unclosed action");
        assertThatThrownBy(() -> of("{{if .Id}}x")).hasMessageContaining("unexpected EOF");
    }

    private static String of(String template) {
        var value = (JsonObject) Json.read("test", CONTAINER.getBytes(StandardCharsets.UTF_8));
        return GoTemplate.parse(template).of(value);
    }
}
