package dev.rung.image.signature;

import dev.rung.domain.Digest;
import dev.rung.domain.ImageName;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a policy.json asks of images, by their names (containers-policy.json(5)). Of its transports
 * "docker" counts, which are registries; the others are read, and say nothing here.
 */
public final class SignaturePolicy {
    /** What the message of each Denied begins with that a policy is the reason of. */
    public static final String REJECTED = "Source image rejected: ";

    /** Takes every image. */
    public static final SignaturePolicy NONE =
            new SignaturePolicy(
                    new Scope("", List.of(new SignatureRequirement.AcceptAnything())), Map.of());

    private static final int LARGEST_KIB = 1024;
    private static final String REGISTRIES = "docker";
    private static final Set<String> KEYS = Set.of("default", "transports");

    private final Scope others;
    private final Map<String, Scope> scopes;

    /**
     * Images of which the same is asked.
     *
     * @param place where in which file that stands
     */
    record Scope(String place, List<SignatureRequirement> requirements) {}

    private SignaturePolicy(Scope others, Map<String, Scope> scopes) {
        this.others = others;
        this.scopes = scopes;
    }

    /** Invalid with file and key for whatever is not understood; HostRefused: it is not there. */
    public static SignaturePolicy read(Path file) {
        return read(file.toString(), PolicyFile.read(file, LARGEST_KIB));
    }

    static SignaturePolicy read(String file, byte[] text) {
        JsonFields policy = JsonFields.readUnique(file, text);
        SignatureRequirement.checkKeys(policy, KEYS);
        var others = new Scope(file + ": default", requirements(policy, "default"));
        var scopes = new HashMap<String, Scope>();
        JsonFields transports = policy.optionalObject("transports");
        for (int i = 0; transports != null && i < transports.size(); i++) {
            String transport = transports.name(i);
            JsonFields all = transports.object(transport);
            for (int j = 0; j < all.size(); j++) {
                String name = all.name(j);
                String place =
                        "%s: transports.%s[\"%s\"]"
                                .formatted(file, Printable.of(transport), Printable.of(name));
                var scope = new Scope(place, requirements(all, name));
                if (transport.equals(REGISTRIES)
                        && scopes.put(withLowerHost(name), scope) != null) {
                    throw all.invalid(name, "want each scope once, hosts have no case");
                }
            }
        }
        return new SignaturePolicy(others, Map.copyOf(scopes));
    }

    private static List<SignatureRequirement> requirements(JsonFields fields, String name) {
        var requirements = new ArrayList<SignatureRequirement>();
        for (JsonFields one : fields.objects(name)) {
            requirements.add(SignatureRequirement.read(one));
        }
        if (requirements.isEmpty()) {
            throw fields.invalid(name, "want a list of at least one requirement");
        }
        return List.copyOf(requirements);
    }

    /** So that another way to write a host leads past no scope. */
    private static String withLowerHost(String name) {
        int slash = name.indexOf('/');
        int end = slash < 0 ? name.length() : slash;
        return name.substring(0, end).toLowerCase(Locale.ROOT) + name.substring(end);
    }

    /**
     * What is asked of an image. Its name is the one that was asked for, whichever mirror it comes
     * from; the digest counts where it has a tag too.
     */
    public ImageRequirements of(ImageName name) {
        Digest digest = name.digest();
        ImageName intended = digest == null ? name.withDefaultTag() : name.withDigest(digest);
        for (String candidate : candidates(intended)) {
            Scope scope = scopes.get(candidate);
            if (scope != null) {
                return new ImageRequirements(intended, scope);
            }
        }
        return new ImageRequirements(intended, others);
    }

    /** The scopes that an image is in, the narrowest first: that which is given counts alone. */
    private static List<String> candidates(ImageName intended) {
        var candidates = new ArrayList<String>();
        candidates.add(withLowerHost(intended.toString()));
        String name = withLowerHost(intended.repository());
        candidates.add(name);
        while (name.indexOf('/') >= 0) {
            name = name.substring(0, name.lastIndexOf('/'));
            candidates.add(name);
        }
        int port = name.indexOf(':');
        String host = port < 0 ? name : name.substring(0, port);
        while (host.indexOf('.') >= 0) {
            host = host.substring(host.indexOf('.') + 1);
            candidates.add("*." + host);
        }
        candidates.add(""); // any image of a registry
        return candidates;
    }
}
