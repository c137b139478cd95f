package dev.rung.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.domain.Failure;
import dev.rung.image.http.Headers;
import dev.rung.image.http.HttpConnections;
import dev.rung.image.http.HttpRequest;
import dev.rung.image.http.HttpResponse;
import dev.rung.image.http.RequestBody;
import dev.rung.image.http.Trust;
import dev.rung.oci.json.JsonFields;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is sent as Authorization to one endpoint: nothing before it asks, then a password (Basic) or
 * a token from the service that it names (Bearer, distribution's token and OAuth2 flows). One
 * thread asks for a token, the others wait for it.
 */
final class Authorizer {
    private static final int LARGEST_ANSWER = 256 * 1024;
    private static final String CLIENT = "rung";

    private final Endpoint endpoint;
    private final HttpConnections connections;
    private final CredentialSource source;
    private final Map<String, String> tokens = new HashMap<>(); // by scope
    private @Nullable String basic;

    Authorizer(Endpoint endpoint, HttpConnections connections, CredentialSource source) {
        this.endpoint = endpoint;
        this.connections = connections;
        this.source = source;
    }

    /** What to send; null: nothing so far. */
    synchronized @Nullable String header(String scope) {
        return basic != null ? basic : tokens.get(scope);
    }

    /**
     * Does what a 401 asks for; false when there is nothing more that we could say. {@code sent} is
     * what was refused.
     */
    synchronized boolean answer(List<Challenge> challenges, @Nullable String sent, String scope)
            throws IOException {
        String now = header(scope);
        if (now != null && !now.equals(sent)) {
            return true; // another thread did it meanwhile
        }
        Credentials credentials = source.find(endpoint.registry());
        if (credentials instanceof Credentials.RegistryToken(String token)) {
            tokens.put(scope, "Bearer " + token);
            return sent == null;
        }
        for (Challenge challenge : challenges) {
            if (challenge.scheme().equals("bearer")) {
                tokens.put(scope, "Bearer " + fetch(challenge, credentials, scope));
                return true;
            }
        }
        for (Challenge challenge : challenges) {
            if (challenge.scheme().equals("basic")
                    && credentials instanceof Credentials.Password password) {
                basic = basic(password);
                return !basic.equals(sent);
            }
        }
        // some registries name their token service only to who shows no token yet
        return tokens.remove(scope) != null;
    }

    private static String basic(Credentials.Password password) {
        String pair = password.user() + ":" + password.password();
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
    }

    private String fetch(Challenge challenge, Credentials credentials, String scope)
            throws IOException {
        URI realm = realm(challenge);
        String query =
                parameter("service", challenge.parameter("service")) + scopes(challenge, scope);
        HttpRequest request;
        if (credentials instanceof Credentials.IdentityToken(String token)) {
            String form =
                    "grant_type=refresh_token"
                            + parameter("client_id", CLIENT)
                            + parameter("refresh_token", token)
                            + query;
            var headers = new Headers().add("Content-Type", "application/x-www-form-urlencoded");
            request = new HttpRequest("POST", realm, headers, RequestBody.of(form.getBytes(UTF_8)));
        } else {
            var headers = new Headers();
            String all = query;
            if (credentials instanceof Credentials.Password password) {
                headers.add("Authorization", basic(password));
                all = parameter("account", password.user()) + query;
            }
            char mark = realm.getRawQuery() == null ? '?' : '&';
            URI uri = all.isEmpty() ? realm : URI.create(realm + (mark + all.substring(1)));
            request = new HttpRequest("GET", uri, headers, null);
        }
        try (HttpResponse answer = connections.send(request, trustOf(realm))) {
            if (RegistryAnswer.isTemporary(answer.status())) {
                throw new IOException("answered " + answer.status());
            }
            if (!answer.isSuccess()) {
                throw RegistryAnswer.failure(
                        answer,
                        realm.getHost(),
                        scope.isEmpty() ? endpoint.registry() : name(scope),
                        "token from " + realm.getHost());
            }
            return token(answer.readAll(LARGEST_ANSWER), realm);
        } catch (IOException e) {
            throw new IOException(
                    "token from " + realm.getHost() + ": " + RegistryAnswer.reason(e), e);
        }
    }

    /** A token service beside the registry is reached as the registry is, another as any host. */
    private Trust trustOf(URI realm) {
        return realm.getHost().equalsIgnoreCase(endpoint.base().getHost())
                ? endpoint.trust()
                : Trust.HOST;
    }

    private static String token(byte[] body, URI realm) {
        JsonFields fields = JsonFields.read("token from " + realm.getHost(), body);
        String token = fields.optionalText("token");
        if (token == null) {
            token = fields.text("access_token");
        }
        for (int i = 0; i < token.length(); i++) {
            if (token.charAt(i) <= ' ' || token.charAt(i) >= 0x7f) {
                throw fields.invalid("token", "want printable characters");
            }
        }
        return token;
    }

    /** Secrets that came to an https registry never leave in the clear. */
    private URI realm(Challenge challenge) {
        URI realm;
        try {
            realm = URI.create(challenge.parameter("realm"));
        } catch (IllegalArgumentException e) {
            throw badRealm();
        }
        boolean https = "https".equalsIgnoreCase(realm.getScheme());
        boolean http = "http".equalsIgnoreCase(realm.getScheme());
        if (realm.getHost() == null
                || !https && !(http && "http".equals(endpoint.base().getScheme()))) {
            throw badRealm();
        }
        return realm;
    }

    private Failure badRealm() {
        return new Failure.Invalid(
                "registry \"%s\": names no token service that can be trusted"
                        .formatted(endpoint.host()));
    }

    /**
     * What the token is to allow: the registry's own name for the repository, which behind a mirror
     * may differ from ours, with the actions that we want.
     */
    private static String scopes(Challenge challenge, String scope) {
        String asked = challenge.parameter("scope");
        if (scope.isEmpty()) {
            return asked.isEmpty() ? "" : parameter("scope", asked);
        }
        var query = new StringBuilder();
        String[] own = scope.split(" ");
        for (int i = 0; i < own.length; i++) {
            String name = name(own[i]);
            if (i == 0 && asked.startsWith("repository:") && asked.lastIndexOf(':') > 11) {
                name = asked.substring(11, asked.lastIndexOf(':'));
            }
            String actions = own[i].substring(own[i].lastIndexOf(':') + 1);
            query.append(parameter("scope", "repository:" + name + ":" + actions));
        }
        return query.toString();
    }

    private static String name(String scope) {
        return scope.substring(scope.indexOf(':') + 1, scope.lastIndexOf(':'));
    }

    private static String parameter(String name, String value) {
        return value.isEmpty() ? "" : "&" + name + "=" + URLEncoder.encode(value, UTF_8);
    }
}
