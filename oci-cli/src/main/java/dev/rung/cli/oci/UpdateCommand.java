package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.oci.ContainerStatus;
import dev.rung.oci.Resources;
import dev.rung.oci.Validation;
import dev.rung.oci.json.Json;
import dev.rung.resident.Ending;

final class UpdateCommand implements Verb {
    @Override
    public Ending run(Call call) {
        Arguments arguments = call.arguments();
        arguments.exactly(1);
        Containers.Found found = call.containers().get(call.id());
        Resources resources = resources(call);
        for (String warning : Validation.checkResources("resources", resources)) {
            call.journal().warn(warning);
        }
        if (found.status() == ContainerStatus.STOPPED) {
            throw Lifecycle.notRunning();
        }
        refuseRdt(arguments, "l3-cache-schema", "Intel RDT/CAT: l3 cache schema is not enabled");
        refuseRdt(
                arguments,
                "mem-bw-schema",
                "Intel RDT/MBA: memory bandwidth schema is not enabled");
        var acts = new Acts();
        StoredCgroups.of(found.stored()).update(acts.front(), resources);
        new Execution(call).run(acts.build());
        return DONE;
    }

    private static void refuseRdt(Arguments arguments, String option, String message) {
        if (!arguments.text(option).isEmpty()) {
            throw new Failure.Unsupported(message);
        }
    }

    private static Resources resources(Call call) {
        String file = call.arguments().text("resources");
        if (file.isEmpty()) {
            return UpdateOptions.resources(call.arguments());
        }
        if (file.equals("-")) {
            return Resources.read("standard input", call.front().readInput(Json.LARGEST));
        }
        Files.Content content = call.files().read(call.absolute(file), Json.LARGEST);
        if (!content.there()) {
            throw new Failure.Invalid(content.error());
        }
        return Resources.read(file, content.bytes());
    }
}
