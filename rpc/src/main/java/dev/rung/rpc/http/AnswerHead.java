package dev.rung.rpc.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The first lines of an answer. */
final class AnswerHead {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private AnswerHead() {}

    static byte[] of(String version, int status, String reason, HttpHeaders headers, String more) {
        var head = new StringBuilder(256);
        head.append(version).append(' ').append(status).append(' ').append(reason).append("\r\n");
        headers.write(head);
        return head.append(more).append("\r\n").toString().getBytes(ISO_8859_1);
    }

    /** RFC 9110, section 6.6.1. */
    static String date() {
        return "Date: " + DATE.format(Instant.now()) + "\r\n";
    }

    /** RFC 9110, section 15. */
    static String reason(int status) {
        return switch (status) {
            case 100 -> "Continue";
            case 101 -> "Switching Protocols";
            case 200 -> "OK";
            case 201 -> "Created";
            case 202 -> "Accepted";
            case 204 -> "No Content";
            case 301 -> "Moved Permanently";
            case 302 -> "Found";
            case 304 -> "Not Modified";
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 409 -> "Conflict";
            case 413 -> "Request Entity Too Large";
            case 426 -> "Upgrade Required";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 503 -> "Service Unavailable";
            case 505 -> "HTTP Version Not Supported";
            default -> "status code " + status;
        };
    }
}
