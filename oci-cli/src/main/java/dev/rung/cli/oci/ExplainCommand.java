package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.host.compile.Compiled;
import dev.rung.host.compile.ContainerProgram;
import dev.rung.host.compile.ContainerRequest;
import dev.rung.host.compile.ContainerRequest.Act;
import dev.rung.host.systemd.SystemdAddress;
import dev.rung.isolation.HostDescription;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonWriter;
import dev.rung.program.FileStep;
import dev.rung.program.Program;
import dev.rung.program.Secrets;
import dev.rung.resident.Ending;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Prints what create would do, or stores what run would do, and makes no container. */
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
        String file = arguments.text("store");
        if (!file.isEmpty()) {
            store(call, host, Bundle.read(call, bundle), call.absolute(file));
            return DONE;
        }
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
            return new HostReader(call.files(), kernel).read(call.front().request(), true);
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
        return compile(call, host, read, request(call, host, read, Act.CREATE));
    }

    private static Program compile(
            Call call, HostDescription host, Bundle bundle, ContainerRequest request) {
        Compiled compiled = ContainerProgram.compile(bundle.config(), host, request);
        for (String warning : compiled.warnings()) {
            call.journal().warn(warning);
        }
        return compiled.program();
    }

    /** What "run" would do, and what it would do afterwards, in two files. */
    private void store(Call call, HostDescription host, Bundle bundle, String file) {
        if (!Cleanup.suffices(bundle.config())) {
            throw new Failure.Unsupported(
                    "only a container with a pid namespace of its own and without poststop hooks"
                            + " can be replayed (config.json: linux.namespaces, hooks.poststop)");
        }
        ContainerRequest request = request(call, host, bundle, Act.RUN);
        var acts = new Acts();
        acts.writeFile(file, compile(call, host, bundle, request).bytes(), FileStep.O_TRUNC);
        acts.writeFile(
                file + ".cleanup",
                Cleanup.program(bundle.config(), host, request).bytes(),
                FileStep.O_TRUNC);
        new Execution(call).run(acts.build());
    }

    private ContainerRequest request(Call call, HostDescription host, Bundle bundle, Act act) {
        return new ContainerRequest(
                Containers.id(call.arguments().text("id")),
                act,
                call.globals().root(),
                bundle.path(),
                bundle.json(),
                "",
                "",
                bundle.config().process().terminal() ? "console.sock" : null,
                -1,
                null,
                null,
                null,
                0,
                0,
                0,
                act == Act.RUN,
                false,
                false,
                !kernel.isRoot((int) host.caller().uid()),
                call.globals().systemd() ? SystemdAddress.SYSTEM : null,
                bundle.home(call),
                null,
                null);
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
