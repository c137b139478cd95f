package dev.rung.image.registry;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.image.http.HttpResponse;
import dev.rung.oci.json.JsonFields;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;

/**
 * Makes failures of what a registry answered (distribution-spec "Error Codes"), in docker's words.
 */
final class RegistryAnswer {
    private static final int LARGEST_ERROR = 64 * 1024;

    private RegistryAnswer() {}

    /** Reads and closes the answer. What: what was asked for, such as: manifest for alpine:3. */
    static Failure failure(HttpResponse answer, String host, String repository, String what) {
        try (answer) {
            String said = said(answer);
            int status = answer.status();
            return switch (status) {
                case 401, 403 ->
                        new Failure.Denied(
                                "access denied for "
                                        + repository
                                        + ", repository does not exist or may require 'rung login'"
                                        + after(said));
                case 404 -> new Failure.NotFound(what + " not found" + after(said));
                case 429 ->
                        new Failure.Unavailable(
                                "toomanyrequests: registry \""
                                        + host
                                        + "\" limits how much is pulled"
                                        + after(said)
                                        + retryWords(answer),
                                null);
                default -> {
                    String message =
                            "registry \"%s\": %s: answered %d%s"
                                    .formatted(host, what, status, after(said));
                    yield status >= 500 || status == 408
                            ? new Failure.Unavailable(message, null)
                            : new Failure.Invalid(message);
                }
            };
        }
    }

    private static String after(String said) {
        return said.isEmpty() ? "" : ": " + said;
    }

    private static String retryWords(HttpResponse answer) {
        long seconds = answer.headers().number("Retry-After");
        return seconds > 0 ? ": try again in " + seconds + " s" : "";
    }

    /** The codes and messages of the body, or nothing when it has none. */
    private static String said(HttpResponse answer) {
        try {
            byte[] body = answer.readAll(LARGEST_ERROR);
            List<JsonFields> errors = JsonFields.read("answer", body).objects("errors");
            var said = new StringBuilder();
            for (JsonFields error : errors) {
                String code = error.freeText("code");
                String message = error.freeText("message");
                said.append(said.isEmpty() ? "" : ", ")
                        .append(code == null ? "" : code.toLowerCase(Locale.ROOT).replace('_', ' '))
                        .append(code == null || message == null ? "" : ": ")
                        .append(message == null ? "" : message);
            }
            return Printable.of(said.toString());
        } catch (IOException | Failure e) {
            return ""; // a page for people, or nothing
        }
    }

    /** What a broken connection means, in one line. */
    static Failure unreachable(String host, IOException e) {
        return new Failure.Unavailable("registry \"" + host + "\": " + reason(e), e);
    }

    static String reason(IOException e) {
        return switch (e) {
            case UnknownHostException unknown -> "no such host";
            case ConnectException refused -> "connection refused";
            case SocketTimeoutException slow -> "no answer in time";
            case SSLException tls -> tlsReason(tls);
            default -> {
                String message = e.getMessage();
                yield message == null
                        ? e.getClass().getSimpleName()
                        : Printable.of(
                                Character.toLowerCase(message.charAt(0)) + message.substring(1));
            }
        };
    }

    private static String tlsReason(SSLException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("PKIX") || message.contains("trust anchor")) {
            return "its certificate is signed by an unknown authority (is it missing in"
                    + " /etc/docker/certs.d/HOST/ca.crt?)";
        }
        if (message.contains("plaintext") || message.contains("Unsupported or unrecognized")) {
            return "it speaks http, not https (is it an insecure registry?)";
        }
        if (message.contains("terminated the handshake")) {
            return "it ends the tls handshake (does it speak http, or want a client certificate?)";
        }
        if (message.contains("No name matching") || message.contains("subject alternative")) {
            return "its certificate is for another host";
        }
        return "tls: " + Printable.of(message);
    }

    /** Whether asking again may help a host that never answered. */
    static boolean isTemporary(IOException e) {
        return !(e instanceof UnknownHostException
                || e instanceof ConnectException
                || e instanceof SSLException);
    }

    static boolean isTemporary(int status) {
        return status == 408 || status == 429 || status >= 500 && status != 501;
    }

    /** How long the registry asks us to wait; the usual pause when it does not say. */
    static Duration pause(HttpResponse answer, Duration usual) {
        long seconds = answer.headers().number("Retry-After");
        return seconds < 0 ? usual : Duration.ofSeconds(seconds);
    }
}
