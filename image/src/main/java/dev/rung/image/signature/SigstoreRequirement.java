package dev.rung.image.signature;

import dev.rung.image.signature.SignatureRequirement.SigstoreSigned;
import dev.rung.image.signature.SignatureRequirement.Uncheckable;
import dev.rung.oci.json.JsonFields;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads "sigstoreSigned". */
final class SigstoreRequirement {
    private static final String[] REKOR = {
        "rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas"
    };
    private static final Set<String> KEYS =
            Stream.concat(
                            Arrays.stream(REKOR),
                            Stream.of(
                                    "type",
                                    "keyPath",
                                    "keyPaths",
                                    "keyData",
                                    "keyDatas",
                                    "fulcio",
                                    "pki",
                                    "signedIdentity"))
                    .collect(Collectors.toUnmodifiableSet());
    private static final Set<String> FULCIO_KEYS =
            Set.of("caPath", "caData", "oidcIssuer", "subjectEmail");
    private static final Set<String> PKI_KEYS =
            Set.of(
                    "caRootsPath",
                    "caRootsData",
                    "caIntermediatesPath",
                    "caIntermediatesData",
                    "subjectEmail",
                    "subjectHostname");

    private SigstoreRequirement() {}

    static SignatureRequirement read(JsonFields fields) {
        SignatureRequirement.checkKeys(fields, KEYS);
        SignatureRequirement.checkGiven(
                fields, 1, 1, "keyPath", "keyPaths", "keyData", "keyDatas", "fulcio", "pki");
        SignatureRequirement.checkGiven(fields, 0, 1, REKOR);
        SignedIdentity identity = SignedIdentity.of(fields);
        boolean logged = Arrays.stream(REKOR).anyMatch(fields::has);
        JsonFields fulcio = fields.optionalObject("fulcio");
        if (fulcio != null) {
            SignatureRequirement.checkKeys(fulcio, FULCIO_KEYS);
            SignatureRequirement.checkGiven(fulcio, 1, 1, "caPath", "caData");
            fulcio.text("oidcIssuer");
            fulcio.text("subjectEmail");
            if (!logged) {
                throw fields.invalid("fulcio", "want a rekorPublicKeyPath beside it");
            }
            return new Uncheckable("a certificate of Fulcio's (sigstoreSigned, fulcio)");
        }
        JsonFields pki = fields.optionalObject("pki");
        if (pki != null) {
            SignatureRequirement.checkKeys(pki, PKI_KEYS);
            SignatureRequirement.checkGiven(pki, 1, 1, "caRootsPath", "caRootsData");
            SignatureRequirement.checkGiven(
                    pki, 0, 1, "caIntermediatesPath", "caIntermediatesData");
            if (!pki.has("subjectEmail") && !pki.has("subjectHostname")) {
                throw pki.invalid("want a subjectEmail or a subjectHostname");
            }
            if (logged) {
                throw fields.invalid("pki", "want no rekorPublicKey beside it");
            }
            return new Uncheckable("a signer's certificate (sigstoreSigned, pki)");
        }
        if (logged) {
            return new Uncheckable("an entry in Rekor's log (sigstoreSigned, rekorPublicKey)");
        }
        return new SigstoreSigned(KeySource.of(fields), identity);
    }
}
