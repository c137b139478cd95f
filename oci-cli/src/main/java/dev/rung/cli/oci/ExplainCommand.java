package dev.rung.cli.oci;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.host.compile.Compiled;
import dev.rung.host.compile.ContainerProgram;
import dev.rung.host.compile.ContainerRequest;
import dev.rung.host.compile.ContainerRequest.Act;
import dev.rung.isolation.HostDescription;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonWriter;
import dev.rung.program.Program;
import dev.rung.program.Secrets;
import dev.rung.resident.Ending;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Prints what create would do, and does nothing. */
final class ExplainCommand implements Verb {
    private final Kernel kernel;

    ExplainCommand(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public Ending run(Call call) {
        Arguments arguments = call.arguments();
        HostDescription host = host(call, arguments.text("host"));
        if (arguments.flag("print-host")) {
            arguments.exactly(0);
            print(call, HostFile.write(host));
            call.front().out("\n");
            return DONE;
        }
        Secrets secrets = arguments.flag("secrets") ? Secrets.SHOWN : Secrets.HIDDEN;
        List<String> words = arguments.words();
        if (arguments.flag("diff")) {
            arguments.exactly(2);
            Program before = program(call, host, words.get(0));
            Program after = program(call, host, words.get(1));
            call.front().out(ProgramDifference.of(before, after, secrets));
            return DONE;
        }
        arguments.atMost(1);
        String bundle = words.isEmpty() ? arguments.text("bundle") : words.getFirst();
        Program program = compile(call, host, bundle);
        if (arguments.flag("json")) {
            print(call, json(program, secrets));
        } else {
            call.front().out(program.listing(secrets));
        }
        return DONE;
    }

    private HostDescription host(Call call, String file) {
        if (file.isEmpty()) {
            return new HostReader(call.files(), kernel).read(call.front().request());
        }
        Files.Content content = call.files().read(call.absolute(file), Json.LARGEST);
        if (!content.there()) {
            throw new Failure.Invalid(content.error());
        }
        return HostFile.read(file, content.bytes());
    }

    /** A bundle for this host; or, named by a file, another host for the bundle of --bundle. */
    private Program program(Call call, HostDescription host, String word) {
        return call.files().folderError(word) == 0
                ? compile(call, host, word)
                : compile(call, host(call, word), call.arguments().text("bundle"));
    }

    private Program compile(Call call, HostDescription host, String bundle) {
        Bundle read = Bundle.read(call, bundle);
        var request =
                new ContainerRequest(
                        new ContainerId("ID"),
                        Act.CREATE,
                        call.globals().root(),
                        read.path(),
                        read.json(),
                        "",
                        "",
                        read.config().process().terminal() ? "console.sock" : null,
                        -1,
                        null,
                        null,
                        0,
                        0,
                        0,
                        false,
                        false,
                        !kernel.isRoot((int) host.caller().uid()),
                        read.home(call));
        Compiled compiled = ContainerProgram.compile(read.config(), host, request);
        for (String warning : compiled.warnings()) {
            call.journal().warn(warning);
        }
        return compiled.program();
    }

    private static byte[] json(Program program, Secrets secrets) {
        var writer = JsonWriter.indented("  ").beginArray();
        for (Program.Entry entry : program.entries(secrets)) {
            writer.beginObject()
                    .field("stream", entry.stream())
                    .field("step", entry.index())
                    .field("line", entry.line())
                    .optional("key", entry.key())
                    .optional("say", entry.say())
                    .endObject();
        }
        return (new String(writer.endArray().bytes(), StandardCharsets.UTF_8) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void print(Call call, byte[] text) {
        call.front().out(new String(text, StandardCharsets.UTF_8));
    }
}
