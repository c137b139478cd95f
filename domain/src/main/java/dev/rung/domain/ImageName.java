package dev.rung.domain;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where an image comes from and what it is called, in the grammar that Docker made common:
 * [domain/]path[:tag][@digest]. What a person types is the familiar form (alpine); here everything
 * is filled in (docker.io/library/alpine), but for the tag, which may be absent.
 *
 * @param domain the registry's host with an optional port, such as docker.io or [::1]:5000
 * @param path the repository at that registry, such as library/alpine
 */
public record ImageName(String domain, String path, @Nullable String tag, @Nullable Digest digest) {
    public static final String DOCKER_HUB = "docker.io";
    public static final String LATEST = "latest";

    private static final String OLD_DOCKER_HUB = "index.docker.io";
    private static final String OFFICIAL = "library/";
    private static final int LONGEST_PATH = 255;
    private static final int LONGEST_TAG = 128;
    private static final int IDENTIFIER_DIGITS = 64;

    public ImageName {
        String all = domain + "/" + path;
        if (!isDomain(domain) || !isPath(path)) {
            throw badFormat(all);
        }
        if (path.length() > LONGEST_PATH) {
            throw new Failure.Invalid("repository name must not be more than 255 characters");
        }
        if (tag != null && !isTag(tag)) {
            throw badFormat(all + ":" + tag);
        }
    }

    /** Reads a name as a person may write it: docker.io and library/ are filled in. */
    public static ImageName parse(String text) {
        if (text.length() == IDENTIFIER_DIGITS && Digest.isLowerHex(text)) {
            throw new Failure.Invalid(
                    "invalid repository name ("
                            + text
                            + "), cannot specify 64-byte hexadecimal strings");
        }
        String rest = text;
        Digest digest = null;
        int at = rest.indexOf('@');
        if (at >= 0) {
            digest = digest(text, rest.substring(at + 1));
            rest = rest.substring(0, at);
        }
        String domain = DOCKER_HUB;
        int slash = rest.indexOf('/');
        if (slash >= 0 && looksLikeDomain(rest.substring(0, slash))) {
            domain = rest.substring(0, slash);
            rest = rest.substring(slash + 1);
        }
        String tag = null;
        int colon = rest.indexOf(':');
        if (colon >= 0) {
            tag = rest.substring(colon + 1);
            rest = rest.substring(0, colon);
        }
        if (domain.equals(OLD_DOCKER_HUB)) {
            domain = DOCKER_HUB;
        }
        if (domain.equals(DOCKER_HUB) && rest.indexOf('/') < 0) {
            rest = OFFICIAL + rest;
        }
        if (!isPath(rest) && isPath(lower(rest))) {
            throw new Failure.Invalid(
                    "invalid reference format: repository name ("
                            + Printable.of(rest)
                            + ") must be lowercase");
        }
        if (!isDomain(domain) || !isPath(rest) || tag != null && !isTag(tag)) {
            throw badFormat(text);
        }
        return new ImageName(domain, rest, tag, digest);
    }

    /** Whether the name begins with a registry's host, so that nothing is filled in before it. */
    public static boolean isQualified(String text) {
        int slash = text.indexOf('/');
        return slash >= 0 && looksLikeDomain(text.substring(0, slash));
    }

    private static Digest digest(String all, String text) {
        try {
            return Digest.parse(text);
        } catch (Failure.Invalid e) {
            if (e.getMessage() != null && e.getMessage().startsWith("unsupported")) {
                throw e;
            }
            throw badFormat(all);
        }
    }

    private static boolean looksLikeDomain(String first) {
        return first.indexOf('.') >= 0
                || first.indexOf(':') >= 0
                || first.equals("localhost")
                || !first.equals(lower(first));
    }

    private static Failure.Invalid badFormat(String text) {
        return new Failure.Invalid("invalid reference format: \"" + Printable.of(text) + "\"");
    }

    /** Host names, IPv4 and bracketed IPv6 addresses, with an optional port. */
    private static boolean isDomain(String text) {
        int end = text.length();
        int colon = text.lastIndexOf(':');
        if (colon >= 0 && colon > text.lastIndexOf(']')) {
            if (colon + 1 == end) {
                return false;
            }
            for (int i = colon + 1; i < end; i++) {
                if (!isDigit(text.charAt(i))) {
                    return false;
                }
            }
            end = colon;
        }
        return text.startsWith("[") ? isBracketed(text, end) : isHost(text, end);
    }

    private static boolean isBracketed(String text, int end) {
        if (end < 4 || text.charAt(end - 1) != ']') {
            return false;
        }
        for (int i = 1; i < end - 1; i++) {
            char c = text.charAt(i);
            if (!isDigit(c) && c != ':' && (c < 'a' || c > 'f') && (c < 'A' || c > 'F')) {
                return false;
            }
        }
        return true;
    }

    private static boolean isHost(String text, int end) {
        boolean begins = true;
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            boolean ends = i + 1 == end || text.charAt(i + 1) == '.';
            if (c == '.') {
                if (begins) {
                    return false;
                }
                begins = true;
            } else if (isLowerOrDigit(c) || c >= 'A' && c <= 'Z' || c == '-' && !begins && !ends) {
                begins = false;
            } else {
                return false;
            }
        }
        return !begins;
    }

    /** Components of lower-case letters and digits, parted within by '.', '_', "__" or dashes. */
    private static boolean isPath(String text) {
        int i = 0;
        int end = text.length();
        while (true) {
            int from = i;
            while (i < end && isLowerOrDigit(text.charAt(i))) {
                i++;
            }
            if (i == from) {
                return false;
            }
            if (i == end) {
                return true;
            }
            char c = text.charAt(i++);
            if (c == '-') {
                while (i < end && text.charAt(i) == '-') {
                    i++;
                }
            } else if (c == '_') {
                if (i < end && text.charAt(i) == '_') {
                    i++;
                }
            } else if (c != '.' && c != '/') {
                return false;
            }
        }
    }

    private static boolean isTag(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean word = isLowerOrDigit(c) || c >= 'A' && c <= 'Z' || c == '_';
            if (!word && (i == 0 || c != '.' && c != '-')) {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= LONGEST_TAG;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isLowerOrDigit(char c) {
        return isDigit(c) || c >= 'a' && c <= 'z';
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    private static String familiarPath(String domain, String path) {
        if (!domain.equals(DOCKER_HUB)) {
            return domain + "/" + path;
        }
        boolean official = path.startsWith(OFFICIAL) && path.indexOf('/', OFFICIAL.length()) < 0;
        return official ? path.substring(OFFICIAL.length()) : path;
    }

    /** The repository with its registry, without tag and digest. */
    public String repository() {
        return domain + "/" + path;
    }

    /** The repository as people write it: alpine, user/tool, quay.io/user/tool. */
    public String familiarRepository() {
        return familiarPath(domain, path);
    }

    /** The whole name as people write it. */
    public String familiar() {
        return familiarRepository() + suffix();
    }

    /** This name; with the tag latest when it has neither tag nor digest. */
    public ImageName withDefaultTag() {
        return tag == null && digest == null ? withTag(LATEST) : this;
    }

    /** The same repository with this tag and no digest. */
    public ImageName withTag(String newTag) {
        return new ImageName(domain, path, newTag, null);
    }

    /** The same repository with this digest and no tag. */
    public ImageName withDigest(Digest newDigest) {
        return new ImageName(domain, path, null, newDigest);
    }

    private String suffix() {
        return (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }

    /** The canonical form: docker.io/library/alpine:latest. */
    @Override
    public String toString() {
        return repository() + suffix();
    }
}
