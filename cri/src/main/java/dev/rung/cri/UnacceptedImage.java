package dev.rung.cri;

/**
 * An image that the policy of signatures does not take. As CRI-O says it: a kubelet tells this from
 * other faults of a pull by the reason at the begin of the message, and looks for that only where
 * the code says nothing (cri-api, pkg/errors).
 */
final class UnacceptedImage extends RuntimeException {
    private static final String REASON = "SignatureValidationFailed";

    UnacceptedImage(Throwable cause) {
        super(REASON + ": " + cause.getMessage(), cause);
    }
}
