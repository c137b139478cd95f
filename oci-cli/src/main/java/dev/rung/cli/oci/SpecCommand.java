package dev.rung.cli.oci;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.oci.ExampleConfig;
import dev.rung.program.FileStep;
import dev.rung.resident.Ending;
import dev.rung.resident.Request;

final class SpecCommand implements Verb {
    @Override
    public Ending run(Call call) {
        Arguments arguments = call.arguments();
        arguments.exactly(0);
        Request request = call.front().request();
        String bundle = call.absolute(arguments.text("bundle"));
        String file = bundle + "/config.json";
        // a folder that version 1 has not: all controllers in one hierarchy
        boolean unified =
                call.files().read("/sys/fs/cgroup/cgroup.controllers", Files.SMALL).there();
        byte[] json =
                arguments.flag("rootless")
                        ? ExampleConfig.rootlessJson(
                                unified,
                                Integer.toUnsignedLong(request.uid()),
                                Integer.toUnsignedLong(request.gid()))
                        : ExampleConfig.json(unified);
        Files.Content there = call.files().read(file, 1);
        if (there.errno() != Errno.ENOENT && there.errno() != Errno.ENOTDIR) {
            throw new Failure.AlreadyExists("File config.json exists. Remove it first");
        }
        var acts = new Acts();
        acts.writeFile(file, json, FileStep.O_EXCL);
        new Execution(call).run(acts.build());
        return DONE;
    }
}
