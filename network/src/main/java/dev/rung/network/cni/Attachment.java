package dev.rung.network.cni;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.linux.Links;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A container in a network (CNI specification, section 3 "Attachment Parameters").
 *
 * @param container its id, of letters, digits, _, . and -
 * @param namespace the path of its network namespace; empty when that is gone, to leave only
 * @param link the name of the link inside, such as eth0
 * @param arguments CNI_ARGS, such as K8S_POD_NAME; without IgnoreUnknown=1 among them plugins
 *     refuse those that they do not know
 * @param capabilities what is asked of the plugins that say that they can
 */
public record Attachment(
        String container,
        String namespace,
        String link,
        Map<String, String> arguments,
        Capabilities capabilities) {
    public Attachment {
        NetworkConf.checkedName("container id", container);
        checkLink(link);
        arguments = Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
        arguments.forEach(Attachment::checkArgument);
    }

    /** One without wishes. */
    public static Attachment of(String container, String namespace, String link) {
        return new Attachment(container, namespace, link, Map.of(), Capabilities.none());
    }

    private static void checkLink(String name) {
        boolean right = !name.isEmpty() && name.length() <= Links.LONGEST_NAME;
        for (int i = 0; right && i < name.length(); i++) {
            char c = name.charAt(i);
            right = c > ' ' && c < 0x7f && c != '/' && c != ':';
        }
        if (!right || name.equals(".") || name.equals("..")) {
            throw new Failure.Invalid(
                    "invalid name of a link \"%s\": want 1 to %d characters without blank, / and :"
                            .formatted(Printable.of(name), Links.LONGEST_NAME));
        }
    }

    private static void checkArgument(String name, String value) {
        if (name.isEmpty() || (name + value).matches("(?s).*[=;\0].*")) {
            throw new Failure.Invalid(
                    "invalid CNI argument \"%s=%s\": want no = and ; in name and value"
                            .formatted(Printable.of(name), Printable.of(value)));
        }
    }

    public Attachment withArguments(Map<String, String> all) {
        return new Attachment(container, namespace, link, all, capabilities);
    }

    public Attachment withCapabilities(Capabilities asked) {
        return new Attachment(container, namespace, link, arguments, asked);
    }

    public Key key() {
        return new Key(container, link);
    }

    /** As a plugin gets them: NAME=VALUE;NAME=VALUE. */
    String argumentText() {
        return arguments.entrySet().stream()
                .map(argument -> argument.getKey() + "=" + argument.getValue())
                .collect(Collectors.joining(";"));
    }

    /** Which attachment of a network. */
    public record Key(String container, String link) {}
}
