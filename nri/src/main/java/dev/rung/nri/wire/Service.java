package dev.rung.nri.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;

/** What the other side may call. */
public interface Service {
    /**
     * Answers a call, on a thread of its own.
     *
     * @param service such as nri.pkg.api.v1alpha1.Runtime
     * @throws CallFailure for the caller to hear
     */
    MessageLite answer(String service, String method, ByteString request) throws CallFailure;

    /** An answer is on its way. */
    default void answered() {
        // that is of interest to who wants to end then
    }
}
