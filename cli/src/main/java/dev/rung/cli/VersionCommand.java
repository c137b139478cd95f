package dev.rung.cli;

import dev.rung.resident.Ending;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class VersionCommand implements Command {
    static final String VERSION = "0.1.0";

    @Override
    public String name() {
        return "version";
    }

    @Override
    public String words() {
        return "[OPTIONS]";
    }

    @Override
    public String about() {
        return "Show the Rung version information";
    }

    @Override
    public int least() {
        return 0;
    }

    @Override
    public int most() {
        return 0;
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.text("-f --format", "string", "Format output by a Go template or json"));
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
                        json.beginObject().field("Version", VERSION).field("Java", java);
                        json.field("OsArch", machine).field("Pid", pid);
                        json.field("Home", call.services().home()).endObject();
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
