package dev.rung.cli;

import dev.rung.build.BuildOrder;
import dev.rung.build.RunSettings;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Printable;
import dev.rung.domain.RawText;
import dev.rung.engine.spec.ByteSize;
import dev.rung.engine.spec.Limits;
import dev.rung.engine.spec.Ulimit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options of build.
 *
 * @param arguments for ARG
 * @param secrets by id
 */
record BuildOptions(
        Map<String, Optional<String>> arguments, Map<String, byte[]> secrets, RunSettings run) {

    static List<OptionSpec> all() {
        return List.of(
                Switch.texts("--add-host", "list", "Add a custom host-to-IP mapping (host:ip)"),
                Switch.texts("--build-arg", "list", "Set build-time variables"),
                Switch.texts("--cache-from", "strings", "Images to consider as cache sources"),
                Switch.text("--cgroup-parent", "string", "Parent cgroup for the RUN instructions"),
                Switch.text("--cpu-period", "int", "CPU CFS period in microseconds"),
                Switch.text("--cpu-quota", "int", "CPU CFS quota in microseconds"),
                Switch.text("-c --cpu-shares", "int", "CPU shares (relative weight)"),
                Switch.text("--cpuset-cpus", "string", "CPUs to run on (0-3, 0,1)"),
                Switch.text("--cpuset-mems", "string", "Memory nodes to use (0-3, 0,1)"),
                Switch.text("-f --file", "string", "Name of the Dockerfile (PATH/Dockerfile)"),
                Switch.flag("--force-rm", "Always remove intermediate containers"),
                Switch.text("--iidfile", "string", "Write the image ID to a file"),
                Switch.texts("--label", "list", "Set metadata for an image"),
                Switch.text("-m --memory", "bytes", "Memory limit"),
                Switch.text("--memory-swap", "bytes", "Memory and swap; -1: unlimited swap"),
                Switch.text("--network", "string", "Network for the RUN instructions"),
                Switch.flag("--no-cache", "Do not use cache when building the image"),
                Switch.text("--platform", "string", "Platform of the image: os/arch[/variant]"),
                Switch.flag("--pull", "Always attempt to pull a newer version of the image"),
                Switch.flag("-q --quiet", "Suppress the build output and print image ID"),
                Switch.flag("--rm", "Remove intermediate containers after a build (default)"),
                Switch.flag("--no-rm", "Keep intermediate containers after a build"),
                Switch.text("--runtime", "string", "Runtime for the RUN instructions"),
                Switch.texts("--secret", "list", "Secret to expose: id=mysecret[,src=/local/file]"),
                Switch.texts("--security-opt", "list", "Security options"),
                Switch.text("--shm-size", "bytes", "Size of /dev/shm"),
                Switch.texts("-t --tag", "list", "Name and optionally a tag (name:tag)"),
                Switch.text("--target", "string", "Set the target build stage to build"),
                Switch.texts("--ulimit", "ulimit", "Ulimit options"),
                Switch.text("--userns", "string", "host: no user namespace for RUN"));
    }

    /** Reads those for which the person is asked for files or variables. */
    static BuildOptions read(Invocation call) {
        return new BuildOptions(
                arguments(call),
                secrets(call),
                new RunSettings(
                        call.text("--network"),
                        LimitOptions.over(Limits.NONE, call),
                        call.has("--shm-size") ? ByteSize.parse(call.text("--shm-size")) : 0,
                        call.texts("--add-host"),
                        call.texts("--ulimit").stream().map(Ulimit::parse).toList(),
                        call.text("--cgroup-parent"),
                        call.texts("--security-opt"),
                        call.text("--runtime"),
                        call.text("--userns")));
    }

    /** What is asked for. */
    BuildOrder order(Invocation call, BuildInput input) {
        return new BuildOrder(
                input.dockerfile(),
                input.text(),
                input.remote(),
                call.texts("--tag").stream().map(ImageName::parse).toList(),
                arguments,
                call.flag("--no-cache"),
                call.texts("--cache-from"),
                call.flag("--pull"),
                !call.flag("--no-rm"),
                call.flag("--force-rm"),
                call.pairs("--label"),
                call.text("--target"),
                call.text("--platform"),
                run,
                secrets);
    }

    /** A name alone takes the person's own value; a person's proxies count unless others do. */
    private static Map<String, Optional<String>> arguments(Invocation call) {
        var all = new LinkedHashMap<String, Optional<String>>();
        Map<String, String> own = null;
        for (String argument : call.texts("--build-arg")) {
            int equals = argument.indexOf('=');
            if (equals >= 0) {
                all.put(argument.substring(0, equals), Optional.of(argument.substring(equals + 1)));
            } else {
                own = own == null ? call.environment() : own;
                all.put(argument, Optional.ofNullable(own.get(argument)));
            }
        }
        return all;
    }

    private static Map<String, byte[]> secrets(Invocation call) {
        var all = new HashMap<String, byte[]>();
        for (String text : call.texts("--secret")) {
            String id = "";
            String source = "";
            String variable = "";
            for (String field : text.split(",")) {
                int equals = field.indexOf('=');
                String value = equals < 0 ? "" : field.substring(equals + 1);
                switch (equals < 0 ? field : field.substring(0, equals)) {
                    case "id" -> id = value;
                    case "src", "source" -> source = value;
                    case "env" -> variable = value;
                    case "type" -> {
                        if (value.equals("env")) {
                            variable = variable.isEmpty() ? id : variable;
                        }
                    }
                    default ->
                            throw new Failure.Invalid(
                                    "unexpected key '"
                                            + Printable.of(field)
                                            + "' in secret, want id, src or env");
                }
            }
            if (id.isEmpty()) {
                throw new Failure.Invalid("secret missing id: " + Printable.of(text));
            }
            all.put(id, secret(call, id, source, variable));
        }
        return all;
    }

    private static byte[] secret(Invocation call, String id, String source, String variable) {
        if (!source.isEmpty()) {
            return call.read(source);
        }
        String value = call.environment().get(variable.isEmpty() ? id : variable);
        if (value == null) {
            throw new Failure.NotFound("secret " + Printable.of(id) + ": want src= or env=");
        }
        return RawText.encode(value);
    }
}
