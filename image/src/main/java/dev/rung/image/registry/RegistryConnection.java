package dev.rung.image.registry;

import dev.rung.domain.Failure;
import dev.rung.image.http.Headers;
import dev.rung.image.http.HttpConnections;
import dev.rung.image.http.HttpRequest;
import dev.rung.image.http.HttpResponse;
import dev.rung.image.http.RequestBody;
import dev.rung.image.http.Trust;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one endpoint, for one job: says who we are where it is asked for, follows redirects
 * without taking credentials to another host, and tries again what may pass.
 */
final class RegistryConnection {
    static final String USER_AGENT = "rung/0.1";

    private static final int MOST_REDIRECTS = 10;
    private static final int MOST_CHALLENGES = 3;

    private final Endpoint endpoint;
    private final HttpConnections connections;
    private final Authorizer authorizer;
    private final Backoff backoff;

    RegistryConnection(
            Endpoint endpoint,
            HttpConnections connections,
            Authorizer authorizer,
            Backoff backoff) {
        this.endpoint = endpoint;
        this.connections = connections;
        this.authorizer = authorizer;
        this.backoff = backoff;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    Backoff backoff() {
        return backoff;
    }

    /**
     * Whether asking again may help: also a host that is gone comes back, if it was there before.
     */
    boolean isTemporary(IOException e) {
        return connections.hasAnswered(endpoint.base()) || RegistryAnswer.isTemporary(e);
    }

    /**
     * A request.
     *
     * @param scope what a token must allow, such as repository:library/alpine:pull
     */
    record Call(
            String method, URI uri, Headers headers, @Nullable RequestBody body, String scope) {}

    Call call(String method, String path, String scope) {
        return new Call(method, endpoint.at(path), new Headers(), null, scope);
    }

    /**
     * Sends until there is an answer that is no passing trouble; the caller closes it. Failures of
     * the connection are told as Unavailable.
     */
    HttpResponse send(Call call) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            boolean last = attempt == backoff.attempts();
            Duration pause = backoff.pause(attempt);
            try {
                HttpResponse answer = once(call);
                Duration asked = RegistryAnswer.pause(answer, pause);
                if (last
                        || !RegistryAnswer.isTemporary(answer.status())
                        || asked.compareTo(backoff.longest()) > 0) {
                    return answer;
                }
                answer.close();
                pause = asked;
            } catch (IOException e) {
                checkInterrupted();
                if (last || !isTemporary(e)) {
                    throw RegistryAnswer.unreachable(endpoint.host(), e);
                }
            }
            Thread.sleep(pause);
        }
    }

    static void checkInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    /** Sends once, but for redirects and what the registry asks of who we are. */
    HttpResponse once(Call call) throws IOException {
        URI uri = call.uri();
        int redirects = 0;
        int challenges = 0;
        while (true) {
            boolean home = isHome(uri);
            String authorization = home ? authorizer.header(call.scope()) : null;
            var headers = new Headers();
            headers.add("User-Agent", USER_AGENT);
            headers.add("Accept-Encoding", "identity");
            headers.addAll(call.headers());
            if (home) {
                headers.addAll(endpoint.headers());
            }
            if (authorization != null) {
                headers.add("Authorization", authorization);
            }
            HttpResponse answer =
                    connections.send(
                            new HttpRequest(call.method(), uri, headers, call.body()),
                            home ? endpoint.trust() : elsewhere(uri));
            String location = answer.headers().get("Location");
            if (isRedirect(answer.status()) && location != null) {
                answer.close();
                if (redirects++ == MOST_REDIRECTS) {
                    throw new IOException(
                            "more than "
                                    + MOST_REDIRECTS
                                    + " redirects, the last to "
                                    + answer.uri().getHost());
                }
                uri = resolve(uri, location);
            } else if (answer.status() == 401 && home && challenges++ < MOST_CHALLENGES) {
                var asked = Challenge.parse(answer.headers().all("WWW-Authenticate"));
                if (asked.isEmpty() || !authorizer.answer(asked, authorization, call.scope())) {
                    return answer;
                }
                answer.close();
            } else {
                return answer;
            }
        }
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private boolean isHome(URI uri) {
        URI base = endpoint.base();
        return base.getScheme().equalsIgnoreCase(uri.getScheme())
                && base.getHost().equalsIgnoreCase(uri.getHost())
                && port(base) == port(uri);
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0
                ? uri.getPort()
                : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }

    /** Another port of the same host keeps its certificates; whoever is called insecure, all. */
    private Trust elsewhere(URI uri) {
        boolean same = endpoint.base().getHost().equalsIgnoreCase(uri.getHost());
        return same ? endpoint.trust() : Trust.HOST;
    }

    /** Where a server sends us; IOException when that is no http address. */
    static URI resolve(URI from, String location) throws IOException {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new IOException("sends us to no address", e);
        }
        String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
        if (to.getHost() == null || !scheme.equals("http") && !scheme.equals("https")) {
            throw new IOException("sends us to no http address");
        }
        return to;
    }

    /** Reads and closes the answer. */
    Failure failure(HttpResponse answer, String repository, String what) {
        return RegistryAnswer.failure(answer, endpoint.host(), repository, what);
    }
}
