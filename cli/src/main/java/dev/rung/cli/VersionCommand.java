package dev.rung.cli;

import dev.rung.oci.json.JsonWriter;
import dev.rung.resident.Ending;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class VersionCommand implements Command {
    static final String VERSION = "0.1.0";

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "version", "[OPTIONS]", "Show the Rung version information", WordCount.NONE);
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.text("-f --format", "string", "Format output by a Go template or json"));
    }

    private static JsonWriter side(JsonWriter json, String machine) {
        int slash = machine.indexOf('/');
        json.field("Os", machine.substring(0, slash));
        return json.field("Arch", machine.substring(slash + 1));
    }

    @Override
    public List<String> examples() {
        return List.of("version --format '{{.Server.Version}}'");
    }

    @Override
    public Ending run(Invocation call) {
        String java = System.getProperty("java.version", "");
        String machine =
                "linux/"
                        + (System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64");
        long pid = ProcessHandle.current().pid();
        String format = call.text("--format");
        if (!format.isEmpty()) {
            var row =
                    Document.of(json -> {
                        json.beginObject().field("Version", VERSION).name("Client");
                        json.beginObject().field("Version", VERSION);
                        side(json, machine).endObject().name("Server").beginObject();
                        json.field("Version", VERSION).field("Java", java);
                        side(json, machine).field("Pid", pid);
                        json.field("Home", call.services().home()).endObject().endObject();
                    });
            call.out(Document.formatted(row, format));
            return DONE;
        }
        call.out(
                "Rung:\n Version:    "
                        + VERSION
                        + "\n OS/Arch:    "
                        + machine
                        + "\n\nEngine:\n Java:       "
                        + java
                        + "\n Process:    "
                        + pid
                        + "\n Home:       "
                        + call.services().home()
                        + "\n");
        return DONE;
    }
}
