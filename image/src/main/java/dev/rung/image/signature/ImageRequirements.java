package dev.rung.image.signature;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.image.signature.SignatureRequirement.AcceptAnything;
import dev.rung.image.signature.SignatureRequirement.Reject;
import dev.rung.image.signature.SignatureRequirement.SigstoreSigned;
import dev.rung.image.signature.SignatureRequirement.Uncheckable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a policy asks of one image; all of it must hold. */
public final class ImageRequirements {
    private static final int MOST_REASONS = 4; // a registry may have any number of signatures

    private final ImageName name;
    private final SignaturePolicy.Scope scope;

    ImageRequirements(ImageName name, SignaturePolicy.Scope scope) {
        this.name = name;
        this.scope = scope;
    }

    /** Whether it has to be signed. */
    public boolean wantSignatures() {
        return scope.requirements().stream().anyMatch(SigstoreSigned.class::isInstance);
    }

    /**
     * Judges by the name alone, before a registry is asked. Denied when no signature could help;
     * Invalid or HostRefused when a key that signatures are to be checked with cannot be read.
     */
    public void admitName() {
        for (SignatureRequirement requirement : scope.requirements()) {
            switch (requirement) {
                case AcceptAnything _ -> {}
                case Reject _ ->
                        throw rejected("Running image docker://" + name + " is rejected by policy");
                case Uncheckable uncheckable ->
                        throw rejected(
                                "docker://%s: the policy asks for %s, which cannot be checked here"
                                        .formatted(name, uncheckable.what()));
                case SigstoreSigned signed -> signed.readKeys();
            }
        }
    }

    /**
     * Judges an image's manifest, that of its platform, by the signatures that were found. Denied
     * when one that is asked for is not among them.
     */
    public void admit(byte[] manifest, List<AttachedSignature> signatures) {
        admitName();
        for (SignatureRequirement requirement : scope.requirements()) {
            if (requirement instanceof SigstoreSigned signed) {
                admit(signed, manifest, signatures);
            }
        }
    }

    private void admit(SigstoreSigned signed, byte[] manifest, List<AttachedSignature> signatures) {
        List<SigningKey> keys = signed.readKeys();
        var reasons = new ArrayList<String>();
        for (AttachedSignature signature : signatures) {
            try {
                SignedClaim claim = signature.verified(keys);
                claim.checkManifest(manifest);
                if (signed.identity().accepts(name, claim.reference())) {
                    return;
                }
                reasons.add("Signature for identity \"" + claim.shown() + "\" is not accepted");
            } catch (Failure.Invalid e) {
                reasons.add(String.valueOf(e.getMessage()));
            }
        }
        throw rejected(
                switch (reasons.size()) {
                    case 0 -> "A signature was required, but no signature exists";
                    case 1 -> reasons.getFirst();
                    default ->
                            "None of the signatures were accepted, reasons: "
                                    + reasons.stream()
                                            .distinct()
                                            .limit(MOST_REASONS)
                                            .collect(Collectors.joining("; "));
                });
    }

    private Failure.Denied rejected(String why) {
        return new Failure.Denied(SignaturePolicy.REJECTED + why + " (" + scope.place() + ")");
    }
}
