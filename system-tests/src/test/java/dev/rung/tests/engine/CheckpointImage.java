package dev.rung.tests.engine;

import dev.rung.testkit.Command;
import java.nio.file.Path;

/** Images of checkpoints as people make them: archives added to an empty image, and pushed. */
final class CheckpointImage {
    private static final String MAKE =
            """
            set -e
            umoci init --layout "$1.oci"
            umoci new --image "$1.oci:1"
            for layer in $4; do umoci raw add-layer --image "$1.oci:1" "$layer"; done
            umoci config --image "$1.oci:1" --manifest.annotation "$3=main"
            skopeo copy --quiet --dest-tls-verify=false "oci:$1.oci:1" "docker://$2"
            """;

    private CheckpointImage() {}

    /** Pushes the archives as layers; the image's name. */
    static String push(Path scratch, String annotation, Path... layers) {
        String name = "127.0.0.1:5017/" + scratch.getFileName() + ":1";
        var all = new StringBuilder();
        for (Path layer : layers) {
            all.append(layer).append(' ');
        }
        Command.of("bash", "-c", MAKE, "-", scratch.toString(), name, annotation, all.toString())
                .succeed();
        return name;
    }
}
