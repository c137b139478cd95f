package dev.rung.cri.streaming;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonFields;
import java.nio.ByteBuffer;

/** The size of a terminal as clients tell it: {"Width":80,"Height":24}. */
final class WindowSize {
    private static final int MOST = 65535;
    private static final int LONGEST = 200;

    private WindowSize() {}

    /** What is no size is passed over. */
    static void tell(ByteBuffer json, RemoteStreams.Listener listener) {
        if (json.remaining() > LONGEST) {
            return;
        }
        byte[] text = new byte[json.remaining()];
        json.get(text);
        try {
            JsonFields size = JsonFields.read("size", text);
            listener.window(
                    (int) size.integer("Height", 0, MOST), (int) size.integer("Width", 0, MOST));
        } catch (Failure.Invalid _) {
            // another client than ours would not tell either
        }
    }
}
