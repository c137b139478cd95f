package dev.rung.image.http;

import java.io.IOException;
import java.io.OutputStream;

/** What a request carries; written again when the request is sent again. */
public interface RequestBody {
    /** In bytes. */
    long length();

    void writeTo(OutputStream out) throws IOException;

    static RequestBody of(byte[] bytes) {
        return new RequestBody() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write(bytes);
            }
        };
    }
}
