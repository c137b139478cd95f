package dev.rung.oci;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/** Configs for tests: whole ones from resources, small ones from a few fields. */
final class Configs {
    static final List<String> RESOURCES =
            List.of("runc-spec.json", "runc-spec-rootless.json", "docker.json", "podman.json");

    private Configs() {}

    static byte[] resource(String name) {
        try (var in = Configs.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A config with these fields besides the required ones; ' stands for ". */
    static RuntimeConfig config(String fields, String linux) {
        return withProcess("'cwd':'/','args':['true']", fields, linux);
    }

    static RuntimeConfig withProcess(String process, String fields, String linux) {
        String json =
                "{'ociVersion':'1.3.0','root':{'path':'rootfs'},'process':{"
                        + process
                        + "}"
                        + (fields.isEmpty() ? "" : "," + fields)
                        + ",'linux':{"
                        + linux
                        + "}}";
        return RuntimeConfig.read("config.json", json.replace('\'', '"').getBytes(UTF_8));
    }
}
