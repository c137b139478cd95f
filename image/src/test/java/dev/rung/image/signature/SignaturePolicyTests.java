package dev.rung.image.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignaturePolicyTests {
    private static final String ANYTHING = "[{\"type\": \"insecureAcceptAnything\"}]";
    private static final String NOTHING = "[{\"type\": \"reject\"}]";
    private static final String DIGEST = "sha256:" + "0".repeat(64);

    private static SignaturePolicy policy(String text) {
        return SignaturePolicy.read("p.json", text.getBytes(UTF_8));
    }

    /** All is refused but in one scope, and what is refused in another of the transports. */
    private static SignaturePolicy accepting(String scope) {
        return policy(
                "{\"default\": %s, \"transports\": {\"docker\": {\"%s\": %s}, \"dir\": {\"\": %s}}}"
                        .formatted(NOTHING, scope, ANYTHING, ANYTHING));
    }

    @ParameterizedTest
    @CsvSource({
        "docker.io/library/busybox:latest, busybox",
        "docker.io/library/busybox, busybox:1",
        "docker.io/library, busybox",
        "docker.io, busybox",
        "'', busybox",
        "example.com:5000/a/b:1, example.com:5000/a/b:1",
        "example.com:5000/a/b, example.com:5000/a/b:1",
        "example.com:5000/a, example.com:5000/a/b:1",
        "example.com:5000, example.com:5000/a/b:1",
        "*.com, example.com:5000/a/b:1",
        "*.example.com, one.two.example.com/a",
        "*.two.example.com, one.two.example.com/a",
        "*.Example.com, ONE.example.COM/a",
        "[::1]:5000, [::1]:5000/a",
    })
    void shouldTakeWhatIsInAScope(String scope, String name) {
        assertThatCode(() -> accepting(scope).of(ImageName.parse(name)).admitName())
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "docker.io/library/busybox:latest, busybox:1",
        "busybox, busybox",
        "library, busybox",
        "docker.io/lib, busybox",
        "example.com, example.com:5000/a",
        "example.com/a, example.com/ab",
        "example.com/a/b:1, example.com/a/b:2",
        "*.example.com, example.com/a",
        "*, example.com/a",
        "*.io, example.com/a",
    })
    void shouldRefuseWhatIsInNone(String scope, String name) {
        assertThatThrownBy(() -> accepting(scope).of(ImageName.parse(name)).admitName())
                .isInstanceOf(Failure.Denied.class)
                .hasMessage(
                        "Source image rejected: Running image docker://"
                                + ImageName.parse(name).withDefaultTag()
                                + " is rejected by policy (p.json: default)");
    }

    @Test
    void shouldGoByTheDigestWhereANameHasOne() {
        SignaturePolicy policy = accepting("example.com/a@" + DIGEST);
        policy.of(ImageName.parse("example.com/a:tag@" + DIGEST)).admitName();
        assertThatThrownBy(() -> policy.of(ImageName.parse("example.com/a:tag")).admitName())
                .isInstanceOf(Failure.Denied.class);
    }

    @Test
    void shouldGoByTheNarrowestScopeAlone() {
        SignaturePolicy policy =
                policy(
                        """
                        {"default": %1$s, "transports": {"docker": {
                          "example.com/good": %1$s,
                          "example.com/good/bad": %2$s,
                          "example.com": %2$s}}}
                        """
                                .formatted(ANYTHING, NOTHING));
        policy.of(ImageName.parse("example.com/good/one")).admitName();
        policy.of(ImageName.parse("other.com/bad")).admitName();
        assertThatThrownBy(() -> policy.of(ImageName.parse("example.com/good/bad/x")).admitName())
                .hasMessageEndingWith("(p.json: transports.docker[\"example.com/good/bad\"])");
        assertThatThrownBy(() -> policy.of(ImageName.parse("example.com/else")).admitName())
                .hasMessageEndingWith("(p.json: transports.docker[\"example.com\"])");
    }

    @Test
    void shouldWantAllRequirements() {
        SignaturePolicy policy =
                policy(
                        "{\"default\": [{\"type\": \"insecureAcceptAnything\"}, {\"type\":"
                                + " \"reject\"}]}");
        assertThatThrownBy(() -> policy.of(ImageName.parse("a")).admitName())
                .isInstanceOf(Failure.Denied.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'signedBy', 'keyType': 'GPGKeys', 'keyPath': '/k'}",
                "{'type': 'signedBy', 'keyType': 'GPGKeys', 'keyData': 'aGVsbG8=',"
                        + " 'signedIdentity': {'type': 'matchExact'}}",
                "{'type': 'signedBaseLayer', 'baseLayerIdentity': {'type': 'matchExact'}}",
                "{'type': 'sigstoreSigned', 'fulcio': {'caPath': '/c', 'oidcIssuer': 'i',"
                        + " 'subjectEmail': 'e'}, 'rekorPublicKeyPath': '/r'}",
                "{'type': 'sigstoreSigned', 'keyPath': '/k', 'rekorPublicKeyData': 'aGVsbG8='}",
                "{'type': 'sigstoreSigned', 'pki': {'caRootsPath': '/c', 'subjectEmail': 'e'}}",
            })
    void shouldRefuseWhatCannotBeChecked(String requirement) {
        SignaturePolicy policy = policy("{\"default\": [" + requirement.replace('\'', '"') + "]}");
        assertThatThrownBy(() -> policy.of(ImageName.parse("a")).admitName())
                .isInstanceOf(Failure.Denied.class)
                .hasMessageStartingWith(
                        "Source image rejected: docker://docker.io/library/a:latest: the policy"
                                + " asks for ")
                .hasMessageEndingWith(", which cannot be checked here (p.json: default)");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "|[]|, |p.json: want an object, got an array|",
                "|{}|, |p.json: default: want a list of at least one requirement|",
                "|{'default': []}|, |p.json: default: want a list of at least one requirement|",
                "|{'default': {}}|, |p.json: default: want an array, got an object|",
                "|{'default': OK, 'more': 1}|, |p.json: more: no such key|",
                "|{'default': OK, 'default': OK}|, |each name once|",
                "|{'default': OK, 'transports': {'docker': {'a.b': OK, 'A.B': OK}}}|,"
                        + " |hosts have no case|",
                "|{'default': OK, 'transports': {'docker': {'a.b': []}}}|,"
                        + " |p.json: transports.docker[\"a.b\"]: want a list|",
                "|{'default': OK, 'transports': {'dir': {'': [{'type': 'x'}]}}}|,"
                        + " |p.json: transports.dir[\"\"][0].type: no such requirement|",
                "|{'default': [{}]}|, |p.json: default[0].type: want a text, it is required|",
                "|{'default': [{'type': 'reject', 'keyPath': '/k'}]}|,"
                        + " |p.json: default[0].keyPath: no such key|",
                "|{'default': [{'type': 'sigstoreSigned'}]}|, |want exactly one of keyPath|",
                "|{'default': [{'type': 'sigstoreSigned', 'keyPath': '/k', 'keyData': 'aa'}]}|,"
                        + " |got 2|",
                "|{'default': [{'type': 'sigstoreSigned', 'keyPaths': []}]}|,"
                        + " |want at least one key|",
                "|{'default': [{'type': 'sigstoreSigned', 'keyPath': 'k'}]}|, |absolute path|",
                "|{'default': [{'type': 'sigstoreSigned', 'keyData': '%'}]}|, |want base64|",
                "|{'default': [{'type': 'sigstoreSigned', 'keyPath': '/k',"
                        + " 'signedIdentity': {'type': 'none'}}]}|, |no such identity|",
                "|{'default': [{'type': 'sigstoreSigned', 'keyPath': '/k',"
                        + " 'signedIdentity': {'type': 'exactReference', 'dockerReference':"
                        + " 'a'}}]}|, |want a tag or a digest|",
                "|{'default': [{'type': 'sigstoreSigned', 'keyPath': '/k',"
                        + " 'signedIdentity': {'type': 'remapIdentity', 'prefix': 'a',"
                        + " 'signedPrefix': 'b.c'}}]}|, |want HOST or HOST/NAMESPACE|",
                "|{'default': [{'type': 'signedBy', 'keyType': 'none', 'keyPath': '/k'}]}|,"
                        + " |keyType: want one of|",
            })
    void shouldRefuseWhatItDoesNotUnderstand(String text, String message) {
        String json = text.replace("OK", ANYTHING).replace('\'', '"');
        assertThatThrownBy(() -> policy(json))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(message);
    }

    @Test
    void shouldFailWhereItIsNotThere(@TempDir Path folder) {
        Path file = folder.resolve("policy.json");
        assertThatThrownBy(() -> SignaturePolicy.read(file))
                .isInstanceOf(Failure.HostRefused.class)
                .hasMessage("read \"" + file + "\": no such file or directory");
        assertThat(SignaturePolicy.NONE.of(ImageName.parse("a")).wantSignatures()).isFalse();
    }
}
