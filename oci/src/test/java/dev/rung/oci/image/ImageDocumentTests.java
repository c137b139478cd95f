package dev.rung.oci.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.Platform;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageDocumentTests {
    private static final Digest DIGEST = Digest.sha256("x".getBytes(UTF_8));
    private static final String CONFIG = descriptor(MediaTypes.OCI_CONFIG, "");
    private static final String LAYER = descriptor(MediaTypes.OCI_LAYER_GZIP, "");

    private static String descriptor(String type, String more) {
        return "{'mediaType':'%s','digest':'%s','size':7%s}".formatted(type, DIGEST, more);
    }

    private static ImageDocument read(String mediaType, String json) {
        return ImageDocument.read("m", mediaType, json.replace('\'', '"').getBytes(UTF_8));
    }

    @Test
    void shouldReadManifests() {
        String json =
                "{'schemaVersion':2,'mediaType':'%s','config':%s,'layers':[%s],'annotations':{'a':'b'}}"
                        .formatted(MediaTypes.OCI_MANIFEST, CONFIG, LAYER);
        var manifest = (ImageManifest) read(MediaTypes.OCI_MANIFEST, json);
        assertThat(manifest.isImage()).isTrue();
        assertThat(manifest.children())
                .containsExactly(manifest.config(), manifest.layers().getFirst());
        assertThat(manifest.layers().getFirst().size()).isEqualTo(7);
        assertThat(manifest.annotations()).containsEntry("a", "b");
        assertThat(new String(manifest.json(), UTF_8)).isEqualTo(json.replace('\'', '"'));
    }

    @Test
    void shouldChooseTheBestPlatformOfAnIndex() {
        String json =
                "{'schemaVersion':2,'mediaType':'%s','manifests':[%s,%s,%s]}"
                        .formatted(
                                MediaTypes.DOCKER_INDEX,
                                descriptor(MediaTypes.DOCKER_MANIFEST, ""),
                                descriptor(
                                        MediaTypes.DOCKER_MANIFEST,
                                        ",'platform':{'architecture':'386','os':'linux'}"),
                                descriptor(
                                        MediaTypes.DOCKER_MANIFEST,
                                        ",'platform':{'architecture':'amd64','os':'linux'}"));
        var index = (ImageIndex) read(MediaTypes.DOCKER_INDEX, json);
        assertThat(index.matching(Platform.parse("linux/amd64")))
                .containsExactly(
                        index.manifests().get(2),
                        index.manifests().get(1),
                        index.manifests().get(0));
        assertThat(index.matching(Platform.parse("linux/s390x")))
                .containsExactly(index.manifests().getFirst());
        assertThat(new String(index.json(), UTF_8)).isEqualTo(json.replace('\'', '"'));
    }

    @Test
    void shouldRefuseDocumentsThatCouldBeReadAsTwoThings() {
        String both =
                "{'schemaVersion':2,'config':%s,'layers':[],'manifests':[]}".formatted(CONFIG);
        assertThatThrownBy(() -> read(MediaTypes.OCI_MANIFEST, both))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("m: manifests: want no such field in a manifest");
        assertThatThrownBy(() -> read(MediaTypes.OCI_INDEX, both))
                .hasMessage("m: config: want no such field in an index");
        assertThatThrownBy(() ->
                        read(
                                MediaTypes.OCI_INDEX,
                                "{'schemaVersion':2,'mediaType':'%s','manifests':[]}"
                                        .formatted(MediaTypes.OCI_MANIFEST)))
                .hasMessageStartingWith("m: mediaType: want \"" + MediaTypes.OCI_INDEX);
    }

    @Test
    void shouldRefuseOldAndUnknownKinds() {
        assertThatThrownBy(
                        () -> read(MediaTypes.DOCKER_MANIFEST, "{'schemaVersion':1,'fsLayers':[]}"))
                .isInstanceOf(Failure.Unsupported.class)
                .hasMessageContaining("schema 1");
        assertThatThrownBy(() -> read("text/html", "{'schemaVersion':2}"))
                .isInstanceOf(Failure.Unsupported.class);
        assertThatThrownBy(() -> read(MediaTypes.OCI_MANIFEST, "{}"))
                .hasMessage("m: schemaVersion: want an integer, it is required");
        assertThatThrownBy(() ->
                        read(
                                MediaTypes.OCI_MANIFEST,
                                "{'schemaVersion':2,'config':{'mediaType':'a',"
                                        + "'digest':'sha256:..','size':1}}"))
                .hasMessageStartingWith("m: config.digest: invalid checksum digest format");
    }

    @Test
    void shouldKnowArtifactsAndPackings() {
        var artifact =
                (ImageManifest)
                        read(
                                MediaTypes.OCI_MANIFEST,
                                "{'schemaVersion':2,'artifactType':'a/b','config':%s,'subject':%s}"
                                        .formatted(
                                                descriptor(MediaTypes.EMPTY, ""),
                                                descriptor(MediaTypes.OCI_MANIFEST, "")));
        assertThat(artifact.isImage()).isFalse();
        assertThat(artifact.subject()).isNotNull();
        assertThat(LayerPacking.of(MediaTypes.OCI_LAYER)).isEqualTo(LayerPacking.PLAIN);
        assertThat(LayerPacking.of(MediaTypes.DOCKER_LAYER_GZIP)).isEqualTo(LayerPacking.GZIP);
        assertThat(LayerPacking.of(MediaTypes.OCI_LAYER_ZSTD)).isEqualTo(LayerPacking.ZSTD);
        assertThat(LayerPacking.of("application/vnd.in-toto+json")).isNull();
        String foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
        assertThat(MediaTypes.isForeign(foreign)).isTrue();
        assertThat(LayerPacking.of(foreign)).isEqualTo(LayerPacking.GZIP);
    }

    @Test
    void shouldReadConfigs() {
        String json =
                """
                {"created":"2024-01-01T00:00:00Z","architecture":"arm","os":"linux","variant":"v6",\
                "config":{"User":"1:2","ExposedPorts":{"80/tcp":{}},"Env":["A=b"],\
                "Entrypoint":["/e"],"Cmd":[],"Volumes":{"/v":{}},"WorkingDir":"/w",\
                "Labels":{"l":"m"},"StopSignal":"SIGINT","Healthcheck":{"Test":["NONE"],\
                "Interval":5}},"rootfs":{"type":"layers","diff_ids":["%s"]},\
                "history":[{"created_by":"COPY","empty_layer":true}]}\
                """
                        .formatted(DIGEST);
        ImageConfig config = ImageConfig.read("c", json.getBytes(UTF_8));
        assertThat(config.platform()).isEqualTo(Platform.parse("linux/arm/v6"));
        assertThat(config.config().entrypoint()).containsExactly("/e");
        assertThat(config.config().cmd()).isEmpty();
        assertThat(config.config().exposedPorts()).containsExactly("80/tcp");
        assertThat(config.config().healthcheck())
                .isEqualTo(new ContainerDefaults.Healthcheck(List.of("NONE"), 5, 0, 0, 0, 0));
        assertThat(config.diffIds()).containsExactly(DIGEST);
        assertThat(new String(config.json(), UTF_8)).isEqualTo(json);
        assertThatThrownBy(() ->
                        ImageConfig.read(
                                "c",
                                "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"x\"]}}"
                                        .getBytes(UTF_8)))
                .hasMessageStartingWith("c: rootfs.diff_ids[0]: invalid checksum");
    }
}
