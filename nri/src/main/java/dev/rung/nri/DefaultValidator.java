package dev.rung.nri;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.nri.ValidatorSettings.Restriction;
import dev.rung.nri.v1alpha1.CompoundFieldOwners;
import dev.rung.nri.v1alpha1.Field;
import dev.rung.nri.v1alpha1.FieldOwners;
import dev.rung.nri.v1alpha1.PluginInstance;
import dev.rung.nri.v1alpha1.PodSandbox;
import dev.rung.nri.v1alpha1.SecurityProfile;
import dev.rung.nri.v1alpha1.ValidateContainerAdjustmentRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Says no to what plug-ins want where an administrator has said so: the default validator of
 * containerd 2.1 and CRI-O, with its words.
 */
final class DefaultValidator {
    /** Of a pod: further plug-ins that its containers are not made without. */
    private static final String REQUIRED = "required-plugins.noderesource.dev";

    private final ValidatorSettings settings;

    DefaultValidator(ValidatorSettings settings) {
        this.settings = settings;
    }

    boolean isEnabled() {
        return settings.enabled();
    }

    /**
     * Looks at what a container is to become.
     *
     * @throws Failure.Denied when it is not to be
     */
    void check(ValidateContainerAdjustmentRequest request) {
        if (!settings.enabled()) {
            return;
        }
        FieldOwners owners =
                request.getOwners()
                        .getOwnersOrDefault(
                                request.getContainer().getId(), FieldOwners.getDefaultInstance());
        String hooks = owners.getSimpleOrDefault(Field.OciHooks.getNumber(), "");
        if (rejects(Restriction.OCI_HOOK) && !hooks.isEmpty()) {
            throw denied(
                    (hooks.contains(",") ? "plugins \"" : "plugin \"")
                            + hooks
                            + "\" attempted restricted OCI hook injection");
        }
        seccomp(owners.getSimpleOrDefault(Field.SeccompPolicy.getNumber(), ""), request);
        namespaces(compound(owners, Field.Namespace));
        required(request);
        sysctls(compound(owners, Field.Sysctl), request.getAdjust().getLinux().getSysctlMap());
    }

    private boolean rejects(Restriction restriction) {
        return settings.rejected().contains(restriction);
    }

    private static Map<String, String> compound(FieldOwners owners, Field field) {
        return owners.getCompoundOrDefault(
                        field.getNumber(), CompoundFieldOwners.getDefaultInstance())
                .getOwnersMap();
    }

    private static Failure.Denied denied(String why) {
        return new Failure.Denied("NRI validation error: " + why);
    }

    /** Which one is told by what the container had without plug-ins. */
    private void seccomp(String owner, ValidateContainerAdjustmentRequest request) {
        if (owner.isEmpty()) {
            return;
        }
        SecurityProfile profile = request.getContainer().getLinux().getSeccompProfile();
        boolean has = request.getContainer().getLinux().hasSeccompProfile();
        Restriction restriction =
                switch (has ? profile.getProfileType() : SecurityProfile.ProfileType.UNCONFINED) {
                    case UNCONFINED -> Restriction.UNCONFINED_SECCOMP;
                    case RUNTIME_DEFAULT -> Restriction.RUNTIME_DEFAULT_SECCOMP;
                    case LOCALHOST, UNRECOGNIZED -> Restriction.CUSTOM_SECCOMP;
                };
        if (rejects(restriction)) {
            String which =
                    restriction
                            .name()
                            .toLowerCase(Locale.ROOT)
                            .replace("_seccomp", "")
                            .replace('_', ' ');
            throw denied(
                    "plugin "
                            + owner
                            + " attempted restricted "
                            + which
                            + " seccomp policy adjustment");
        }
    }

    private void namespaces(Map<String, String> owners) {
        if (!rejects(Restriction.NAMESPACE) || owners.isEmpty()) {
            return;
        }
        var offenders = new ArrayList<String>();
        owners.forEach((namespace, plugin) ->
                offenders.add("\"" + plugin + "\" (namespace \"" + namespace + "\")"));
        throw denied(
                "attempted restricted namespace adjustment by plugin(s) "
                        + Printable.of(String.join(", ", offenders)));
    }

    private void sysctls(Map<String, String> owners, Map<String, String> set) {
        if (!rejects(Restriction.SYSCTL)) {
            return;
        }
        var offenders = new TreeSet<String>();
        owners.forEach((name, plugin) -> {
            if (set.containsKey(name)) {
                offenders.add(plugin);
            }
        });
        if (!offenders.isEmpty()) {
            throw denied(
                    "attempted restricted sysctl adjustment by plugin(s) "
                            + String.join(", ", offenders));
        }
    }

    private void required(ValidateContainerAdjustmentRequest request) {
        String container = request.getContainer().getName();
        if (!settings.tolerated().isEmpty() && tolerates(request.getPod(), container)) {
            return;
        }
        var required = new ArrayList<>(settings.required());
        String annotated = annotation(request.getPod(), REQUIRED, container);
        if (annotated != null) {
            required.addAll(list(annotated));
        }
        Set<String> there = new HashSet<>();
        for (PluginInstance plugin : request.getPluginsList()) {
            there.add(plugin.getName());
            there.add(plugin.getIndex() + "-" + plugin.getName());
        }
        required.removeIf(there::contains);
        if (!required.isEmpty()) {
            throw denied(
                    "required "
                            + (required.size() == 1 ? "plugin \"" : "plugins \"")
                            + Printable.of(String.join(",", required))
                            + "\" not present");
        }
    }

    private boolean tolerates(PodSandbox pod, String container) {
        String said = annotation(pod, settings.tolerated(), container);
        return switch (said) {
            case null -> false;
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw invalid(settings.tolerated(), said, "want true or false");
        };
    }

    private static Failure.Denied invalid(String name, String text, String want) {
        return denied(
                "invalid "
                        + Printable.of(name)
                        + " annotation \""
                        + Printable.of(text)
                        + "\": "
                        + want);
    }

    /** Of one container, before that of the pod. */
    private static @Nullable String annotation(PodSandbox pod, String name, String container) {
        for (String key : List.of(name + "/container." + container, name + "/pod", name)) {
            String value = pod.getAnnotationsMap().get(key);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    /** A list of YAML, in brackets or a line for each: all that names of plug-ins take of it. */
    private static List<String> list(String text) {
        String words = text.strip();
        boolean flow = words.startsWith("[") && words.endsWith("]");
        String[] entries =
                flow ? words.substring(1, words.length() - 1).split(",") : words.split("\n");
        var names = new ArrayList<String>();
        for (String entry : entries) {
            String name = entry.strip();
            if (name.isEmpty()) {
                continue;
            }
            if (!flow) {
                if (!name.startsWith("- ")) {
                    throw invalid(REQUIRED, text, "want a list of names");
                }
                name = name.substring(2).strip();
            }
            boolean quoted =
                    name.length() > 1
                            && (name.startsWith("\"") && name.endsWith("\"")
                                    || name.startsWith("'") && name.endsWith("'"));
            names.add(quoted ? name.substring(1, name.length() - 1) : name);
        }
        return names;
    }
}
