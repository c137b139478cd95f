package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.host.compile.CheckpointProgram;
import dev.rung.host.compile.Compiled;
import dev.rung.host.compile.ContainerRequest;
import dev.rung.host.compile.RestoreProgram;
import dev.rung.host.compile.RestoreRequest;
import dev.rung.isolation.HostDescription;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonString;
import dev.rung.resident.Ending;
import java.util.ArrayList;
import java.util.List;

/** A "run" whose process comes from images. */
final class RestoreCommand implements Verb, Compiler {
    private final Kernel kernel;

    RestoreCommand(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public Ending run(Call call) {
        if (!kernel.isRoot(call.front().request().uid())) {
            call.journal().warn("restore is untested with rootless containers");
        }
        try {
            return MakeCommand.restoring(kernel, this).run(call);
        } catch (Failure.HostRefused e) {
            String work = CriuArguments.work(call);
            throw CriuLog.explained(
                    call, e, work == null ? CriuArguments.images(call) : work, RestoreProgram.LOG);
        }
    }

    @Override
    public boolean notifies() {
        return false; // it knows since its first start, and nobody there listens any more
    }

    @Override
    public Compiled compile(
            Call call, Bundle bundle, HostDescription host, ContainerRequest request) {
        String images = CriuArguments.images(call);
        return RestoreProgram.compile(
                bundle.config(),
                host,
                request,
                new RestoreRequest(
                        CriuArguments.command(call),
                        CriuArguments.options(call, images),
                        images,
                        CriuArguments.work(call),
                        new OutsideMounts(call, bundle.config(), bundle.rootfs())
                                .restored(bundle.path()),
                        descriptors(call, images)));
    }

    private static List<String> descriptors(Call call, String images) {
        String file = images + "/" + CheckpointProgram.DESCRIPTORS;
        Files.Content content = call.files().read(file, Files.SMALL);
        if (!content.there()) {
            throw new Failure.Invalid(content.error());
        }
        if (!(Json.read(file, content.bytes()) instanceof JsonArray array)
                || array.values().size() > 3) {
            throw new Failure.Corrupt(file + ": want the three standard streams", null);
        }
        var descriptors = new ArrayList<String>(3);
        for (Json item : array.values()) {
            descriptors.add(item instanceof JsonString text ? text.value() : "");
        }
        return descriptors;
    }
}
