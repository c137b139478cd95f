package dev.rung.cri;

import java.io.IOException;
import java.io.InputStream;

/** The files of a checkpoint, in an archive or in an image's layers. */
interface CheckpointParts {
    /** The folder of criu's images. */
    String IMAGES = "checkpoint";

    /** What a failure calls it. */
    String named();

    /**
     * Shows the files that {@link Checkpoint#isPart} knows, in any order. Invalid when one of them
     * is a link, a device or a folder, or has holes.
     */
    void visit(Visitor visitor) throws IOException;

    /** Is shown a file. */
    interface Visitor {
        /**
         * Reads of it what it wants.
         *
         * @param name such as checkpoint/inventory.img
         * @param size in bytes
         */
        void visit(String name, long size, InputStream content) throws IOException;
    }
}
