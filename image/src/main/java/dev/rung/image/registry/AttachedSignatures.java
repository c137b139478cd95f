package dev.rung.image.registry;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.image.signature.AttachedSignature;
import dev.rung.oci.image.ContentDescriptor;
import dev.rung.oci.image.ImageDocument;
import dev.rung.oci.image.ImageManifest;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds what cosign attached to a manifest: an image under a tag that is made of its digest, each
 * layer of which is a signature (cosign's SIGNATURE_SPEC.md).
 */
final class AttachedSignatures {
    private static final int LARGEST_PAYLOAD = 1 << 20; // a usual one has 250 bytes
    private static final int MOST = 1000;

    private AttachedSignatures() {}

    /** Empty when there are none; nothing of them is verified. */
    static List<AttachedSignature> of(RegistrySession session, ImageName name, Digest manifest)
            throws InterruptedException {
        String tag = manifest.algorithm() + "-" + manifest.hex() + ".sig";
        ImageName attached = name.withTag(tag);
        try {
            return RegistrySession.first(
                    session.repositories(attached, Endpoint.Ability.RESOLVE),
                    repository -> read(session, repository, attached));
        } catch (Failure.NotFound _) {
            return List.of();
        }
    }

    private static List<AttachedSignature> read(
            RegistrySession session, Repository repository, ImageName attached)
            throws InterruptedException {
        Repository.Document document = repository.manifest(attached);
        String what = "signatures " + attached.familiar();
        if (!(ImageDocument.read(what, document.descriptor().mediaType(), document.text())
                instanceof ImageManifest manifest)) {
            throw new Failure.Invalid(what + ": want a manifest, got an index");
        }
        var signatures = new ArrayList<AttachedSignature>();
        for (ContentDescriptor layer : manifest.layers()) {
            String signature = layer.annotations().get(AttachedSignature.ANNOTATION);
            if (signature == null || !layer.mediaType().equals(AttachedSignature.MEDIA_TYPE)) {
                continue; // attestations and the like lie here too
            }
            if (signatures.size() == MOST) {
                throw new Failure.Invalid(what + ": want at most " + MOST);
            }
            var payload = new PulledContent(session, List.of(repository), layer);
            signatures.add(new AttachedSignature(payload.read(LARGEST_PAYLOAD), signature));
        }
        return List.copyOf(signatures);
    }
}
