package dev.rung.image.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SigstoreSignedTests {
    private static final byte[] MANIFEST = "{\"manifest\": 1}".getBytes(UTF_8);
    private static final Digest DIGEST = Digest.sha256(MANIFEST);
    private static final String NAME = "example.com/app:1";

    private static ImageRequirements required(String name, String keys, String identity) {
        String policy =
                """
                {"default": [{"type": "sigstoreSigned", %s%s}]}
                """
                        .formatted(
                                keys,
                                identity.isEmpty() ? "" : ", \"signedIdentity\": " + identity);
        return SignaturePolicy.read("p.json", policy.getBytes(UTF_8)).of(ImageName.parse(name));
    }

    private static ImageRequirements required(Signer... signers) {
        List<String> keys = List.of(signers).stream().map(Signer::keyData).toList();
        return required(NAME, "\"keyDatas\": [\"" + String.join("\", \"", keys) + "\"]", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA", "Ed25519"})
    void shouldTakeWhatOneOfTheKeysSigned(String kind) throws Exception {
        var signer = new Signer(kind);
        AttachedSignature good = signer.sign(Signer.claim(DIGEST, NAME));
        AttachedSignature other = new Signer("EC").sign(Signer.claim(DIGEST, NAME));
        ImageRequirements required = required(new Signer("RSA"), signer);
        assertThat(required.wantSignatures()).isTrue();
        required.admitName();
        required.admit(MANIFEST, List.of(other, good));
        assertRefused(required, other, "cryptographic signature verification failed");
    }

    private static void assertRefused(
            ImageRequirements required, AttachedSignature signature, String why) {
        assertThatThrownBy(() -> required.admit(MANIFEST, List.of(signature)))
                .isInstanceOf(Failure.Denied.class)
                .hasMessageStartingWith(SignaturePolicy.REJECTED)
                .hasMessageContaining(why)
                .hasMessageEndingWith(" (p.json: default)");
    }

    @Test
    void shouldRefuseWhatIsNotSignedSo() throws Exception {
        var signer = new Signer("EC");
        ImageRequirements required = required(signer);
        String claim = Signer.claim(DIGEST, NAME);
        AttachedSignature good = signer.sign(claim);
        assertThatThrownBy(() -> required.admit(MANIFEST, List.of()))
                .hasMessageContaining("A signature was required, but no signature exists");
        assertRefused(
                required,
                new AttachedSignature(claim.replace(":1", ":2").getBytes(UTF_8), good.signature()),
                "verification failed");
        assertRefused(required, new AttachedSignature(good.payload(), "%"), "want base64");
        assertRefused(required, new AttachedSignature(good.payload(), "aGVs"), "failed");
        assertRefused(required, new AttachedSignature(good.payload(), ""), "failed");
        Digest other = Digest.sha256(new byte[0]);
        assertRefused(
                required,
                signer.sign(Signer.claim(other, NAME)),
                "Signature for digest " + other + " does not match");
        assertRefused(
                required,
                signer.sign(Signer.claim(DIGEST, "example.com/other:1")),
                "Signature for identity \"example.com/other:1\" is not accepted");
        for (String wrong :
                List.of(
                        claim.replace("cosign container", "other container"),
                        claim.replace("\"optional\":null", "\"optional\":null,\"more\":1"),
                        claim.replace(",\"optional\":null", ""),
                        claim.replace("\"type\"", "\"more\":1,\"type\""),
                        claim.replace("\"type\"", "\"type\":\"x\",\"type\""),
                        claim.replace("docker-reference", "docker_reference"),
                        claim.replace("sha256:", "md5:"),
                        "no json")) {
            assertThat(wrong).isNotEqualTo(claim);
            assertRefused(required, signer.sign(wrong), "");
        }
        assertThatThrownBy(() ->
                        required.admit(
                                MANIFEST,
                                List.of(
                                        signer.sign(Signer.claim(other, NAME)),
                                        new AttachedSignature(good.payload(), "%"))))
                .hasMessageContaining("None of the signatures were accepted, reasons: ");
    }

    @Test
    void shouldWantASignatureForEachRequirement() throws Exception {
        var one = new Signer("EC");
        var two = new Signer("EC");
        String policy =
                """
                {"default": [{"type": "sigstoreSigned", "keyData": "%s"},
                             {"type": "sigstoreSigned", "keyData": "%s"}]}
                """
                        .formatted(one.keyData(), two.keyData());
        ImageRequirements required =
                SignaturePolicy.read("p.json", policy.getBytes(UTF_8)).of(ImageName.parse(NAME));
        AttachedSignature first = one.sign(Signer.claim(DIGEST, NAME));
        required.admit(MANIFEST, List.of(first, two.sign(Signer.claim(DIGEST, NAME))));
        assertRefused(required, first, "verification failed");
    }

    @Test
    void shouldReadKeysOfFilesWhenTheyAreNeeded(@TempDir Path folder) throws Exception {
        var signer = new Signer("EC");
        Path file = folder.resolve("key.pub");
        ImageRequirements required = required(NAME, "\"keyPath\": \"" + file + "\"", "");
        assertThatThrownBy(required::admitName)
                .isInstanceOf(Failure.HostRefused.class)
                .hasMessageContaining(file.toString());
        Files.writeString(file, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
        assertThatThrownBy(required::admitName)
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage(file + ": want a key of ECDSA, RSA or Ed25519");
        Files.writeString(file, "-----BEGIN PRIVATE KEY-----\nAAAA\n");
        assertThatThrownBy(required::admitName).hasMessageContaining("want a public key in PEM");
        Files.writeString(file, signer.pem());
        required.admit(MANIFEST, List.of(signer.sign(Signer.claim(DIGEST, NAME))));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "example.com/app:1, example.com/app:1, matchExact, true",
                "example.com/app:1, example.com/app:2, matchExact, false",
                "example.com/app:1, example.com/app, matchExact, false",
                "example.com/app:1, not a name, matchExact, false",
                "example.com/app@D, example.com/app@D, matchExact, true",
                "example.com/app@D, example.com/app:1, matchExact, false",
                "example.com/app:1, example.com/app:1, matchRepoDigestOrExact, true",
                "example.com/app:1, example.com/app:2, matchRepoDigestOrExact, false",
                "example.com/app@D, example.com/app:2, matchRepoDigestOrExact, true",
                "example.com/app:1@D, example.com/app:2, matchRepoDigestOrExact, true",
                "example.com/app@D, example.com/app, matchRepoDigestOrExact, false",
                "example.com/app@D, example.com/other:2, matchRepoDigestOrExact, false",
                "example.com/app:1, example.com/app, matchRepository, true",
                "app:1, docker.io/library/app, matchRepository, true",
                "example.com/app:1, example.com/app/more, matchRepository, false",
                "a.b/c:1, x.y/z:7, |exactReference', 'dockerReference': 'x.y/z:7|, true",
                "a.b/c:1, x.y/z:8, |exactReference', 'dockerReference': 'x.y/z:7|, false",
                "a.b/c:1, x.y/z, |exactRepository', 'dockerRepository': 'x.y/z|, true",
                "a.b/c:1, a.b/c, |exactRepository', 'dockerRepository': 'x.y/z|, false",
                "a.b/c/d:1, x.y/z/d:1,"
                        + " |remapIdentity', 'prefix': 'a.b/c', 'signedPrefix': 'x.y/z|, true",
                "a.b/c:1, x.y/z:1,"
                        + " |remapIdentity', 'prefix': 'a.b/c', 'signedPrefix': 'x.y/z|, true",
                "a.b/cd:1, x.y/zd:1,"
                        + " |remapIdentity', 'prefix': 'a.b/c', 'signedPrefix': 'x.y/z|, false",
                "a.b/cd:1, a.b/cd:1,"
                        + " |remapIdentity', 'prefix': 'a.b/c', 'signedPrefix': 'x.y/z|, true",
                "a.b/c:1, a.b/c:1,"
                        + " |remapIdentity', 'prefix': 'a.b', 'signedPrefix': 'x.y|, false",
            })
    void shouldAskWhomTheSignatureIsFor(
            String image, String signed, String identity, boolean accepted) throws Exception {
        var signer = new Signer("Ed25519");
        String type = ("{'type': '" + identity + "'}").replace('\'', '"');
        ImageRequirements required =
                required(
                        image.replace("D", DIGEST.toString()),
                        "\"keyData\": \"" + signer.keyData() + "\"",
                        type);
        AttachedSignature signature =
                signer.sign(Signer.claim(DIGEST, signed.replace("D", DIGEST.toString())));
        if (accepted) {
            required.admit(MANIFEST, List.of(signature));
        } else {
            assertRefused(required, signature, "is not accepted");
        }
    }
}
