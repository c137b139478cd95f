package dev.rung.rpc.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** Reads the head of a request (RFC 9112, sections 3 and 5). A pure function of its bytes. */
final class RequestParser {
    private static final String OLD = "HTTP/1.0";
    private static final String NEW = "HTTP/1.1";

    private final byte[] bytes;
    private final int end;
    private int at;

    private RequestParser(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    /**
     * How long the head is that begins there, with the empty line at its end; -1: not all there.
     */
    static int length(byte[] bytes, int from, int end) {
        int line = from;
        for (int i = from; i < end; i++) {
            if (bytes[i] == '\n') {
                boolean empty = i == line || i == line + 1 && bytes[line] == '\r';
                if (empty) {
                    return i + 1 - from;
                }
                line = i + 1;
            }
        }
        return -1;
    }

    /** Reads what {@link #length} measured. */
    static HttpRequest parse(byte[] bytes, int from, int length, int mostFields)
            throws HttpRefusal {
        return new RequestParser(bytes, from, from + length).parse(mostFields);
    }

    private HttpRequest parse(int mostFields) throws HttpRefusal {
        String line = line();
        int first = line.indexOf(' ');
        int last = line.lastIndexOf(' ');
        if (first <= 0 || last == first) {
            throw bad("malformed request line");
        }
        String method = line.substring(0, first);
        String target = line.substring(first + 1, last);
        String version = line.substring(last + 1);
        if (!Grammar.isToken(method)) {
            throw bad("malformed method");
        }
        if (!version.equals(NEW) && !version.equals(OLD)) {
            throw version.startsWith("HTTP/")
                    ? new HttpRefusal(505, "unsupported protocol version")
                    : bad("malformed protocol version");
        }
        HttpHeaders headers = headers(mostFields);
        boolean old = version.equals(OLD);
        if (!old && headers.get("Host") == null) {
            throw bad("missing required Host header");
        }
        return request(method, target, headers, old);
    }

    private static HttpRequest request(
            String method, String target, HttpHeaders headers, boolean old) throws HttpRefusal {
        String local = local(target);
        int mark = local.indexOf('?');
        String path = mark < 0 ? local : local.substring(0, mark);
        String plain = decoded(path, false);
        if (plain.indexOf('\0') >= 0) {
            throw bad("NUL in the path");
        }
        return new HttpRequest(
                method,
                plain,
                path,
                mark < 0 ? List.of() : parameters(local.substring(mark + 1)),
                headers,
                old);
    }

    /** The path and query of a target in origin form or in absolute form. */
    private static String local(String target) throws HttpRefusal {
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c == 0x7f || c == '#') {
                throw bad("malformed request target");
            }
        }
        if (target.startsWith("/")) {
            return target;
        }
        int scheme = target.indexOf("://");
        if (scheme <= 0 || !Grammar.isToken(target.substring(0, scheme))) {
            throw bad("malformed request target");
        }
        int slash = target.indexOf('/', scheme + 3);
        return slash < 0 ? "/" : target.substring(slash);
    }

    private static List<HttpRequest.Parameter> parameters(String query) throws HttpRefusal {
        var all = new ArrayList<HttpRequest.Parameter>();
        for (String each : query.split("&", -1)) {
            if (each.isEmpty()) {
                continue;
            }
            int equals = each.indexOf('=');
            String name = equals < 0 ? each : each.substring(0, equals);
            String value = equals < 0 ? "" : each.substring(equals + 1);
            all.add(new HttpRequest.Parameter(decoded(name, true), decoded(value, true)));
        }
        return List.copyOf(all);
    }

    /** Without escapes (RFC 3986, section 2.1); in a form a plus is a blank. */
    private static String decoded(String text, boolean form) throws HttpRefusal {
        if (text.indexOf('%') < 0 && (!form || text.indexOf('+') < 0) && isAscii(text)) {
            return text;
        }
        var plain = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = i + 2 < text.length() ? Grammar.hex(text.charAt(i + 1)) : -1;
                int low = i + 2 < text.length() ? Grammar.hex(text.charAt(i + 2)) : -1;
                if (high < 0 || low < 0) {
                    throw bad("invalid URL escape");
                }
                plain.write(high << 4 | low);
                i += 2;
            } else {
                plain.write(form && c == '+' ? ' ' : c);
            }
        }
        return plain.toString(UTF_8);
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0x7f) {
                return false;
            }
        }
        return true;
    }

    private HttpHeaders headers(int most) throws HttpRefusal {
        var headers = new HttpHeaders();
        while (true) {
            String line = line();
            if (line.isEmpty()) {
                return headers;
            }
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon);
            String value = Grammar.trimmed(line.substring(colon + 1));
            // a name that a blank follows or begins may be read in two ways
            if (!Grammar.isToken(name) || !Grammar.isFieldValue(value)) {
                throw bad("malformed header field");
            }
            if (headers.size() == most) {
                throw new HttpRefusal(431, "too many header fields");
            }
            headers.add(name, value);
        }
    }

    /** Up to the line feed, without the line's end. A carriage return within it stays. */
    private String line() throws HttpRefusal {
        int from = at;
        while (at < end && bytes[at] != '\n') {
            at++;
        }
        if (at == end) {
            throw bad("a line without an end");
        }
        int length = at - from;
        at++;
        if (length > 0 && bytes[from + length - 1] == '\r') {
            length--;
        }
        return new String(bytes, from, length, ISO_8859_1);
    }

    private static HttpRefusal bad(String what) {
        return new HttpRefusal(400, what);
    }
}
