package dev.rung.image.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;

/** An answer whose body is still to be read; closed, it gives its connection back. */
public final class HttpResponse implements AutoCloseable {
    private final URI uri;
    private final int status;
    private final Headers headers;
    private final MessageBody body;

    HttpResponse(URI uri, int status, Headers headers, MessageBody body) {
        this.uri = uri;
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /** Who answered. */
    public URI uri() {
        return uri;
    }

    public int status() {
        return status;
    }

    public boolean isSuccess() {
        return status / 100 == 2;
    }

    public Headers headers() {
        return headers;
    }

    /** Ends only where the message says so: a connection that ends before throws IOException. */
    public InputStream body() {
        return body;
    }

    /** The body as a whole; IOException when it is longer than the limit in bytes. */
    public byte[] readAll(int limit) throws IOException {
        var all = new ByteArrayOutputStream();
        var chunk = new byte[8192];
        int count;
        while ((count = body.read(chunk, 0, chunk.length)) >= 0) {
            if (count > limit - all.size()) {
                throw new IOException("an answer of more than " + limit + " bytes");
            }
            all.write(chunk, 0, count);
        }
        return all.toByteArray();
    }

    @Override
    public void close() {
        body.close();
    }
}
