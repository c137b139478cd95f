package dev.rung.nri;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What plug-ins may not do here, whatever else validators say: those of containerd's and CRI-O's
 * default validator.
 *
 * @param enabled whether it is asked at all
 * @param rejected what no plug-in may change
 * @param required plug-ins, by NAME or NN-NAME, without which no container is made
 * @param tolerated annotation of a pod that does without required ones; empty: none
 */
public record ValidatorSettings(
        boolean enabled, Set<Restriction> rejected, List<String> required, String tolerated) {
    public static final ValidatorSettings NONE =
            new ValidatorSettings(false, Set.of(), List.of(), "");

    /** One kind of change. */
    public enum Restriction {
        OCI_HOOK,
        RUNTIME_DEFAULT_SECCOMP,
        UNCONFINED_SECCOMP,
        CUSTOM_SECCOMP,
        NAMESPACE,
        SYSCTL;

        /** As settings call it, such as reject-oci-hook-adjustment. */
        public String key() {
            String words = name().toLowerCase(Locale.ROOT).replace('_', '-');
            return "reject-" + words + "-adjustment";
        }
    }

    public ValidatorSettings {
        rejected = Set.copyOf(rejected);
        required = List.copyOf(required);
    }
}
