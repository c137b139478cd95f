package dev.rung.rpc.http;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes from a peer and to it. One thread reads while another writes; both wait. */
interface Wire {
    /** Waits for bytes; -1 at the end of what the peer sends. */
    int read(ByteBuffer into) throws IOException;

    /** Writes all of them, in this order. */
    void write(ByteBuffer... parts) throws IOException;

    /** Whoever reads sees an end now; what is written still arrives. */
    void closeInput();

    /** The peer sees an end; what it sends still arrives. */
    void closeOutput();

    void close();

    /** Who is at the other end, as the kernel or its certificate tells. */
    String peer();
}
