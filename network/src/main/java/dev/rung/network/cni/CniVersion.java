package dev.rung.network.cni;

/** Versions of the specification whose results are understood; what results hold differs. */
enum CniVersion {
    V0_1_0("0.1.0"),
    V0_2_0("0.2.0"),
    V0_3_0("0.3.0"),
    V0_3_1("0.3.1"),
    V0_4_0("0.4.0"),
    V1_0_0("1.0.0"),
    V1_1_0("1.1.0");

    private final String text;

    CniVersion(String text) {
        this.text = text;
    }

    /** The one that is written so; a configuration without one means 0.1.0. */
    static CniVersion of(String text) throws PluginError {
        if (text.isEmpty()) {
            return V0_1_0;
        }
        for (CniVersion version : values()) {
            if (version.text.equals(text)) {
                return version;
            }
        }
        throw new PluginError(
                PluginError.INCOMPATIBLE,
                "incompatible CNI versions",
                "config is \"%s\", supported are 0.1.0 to %s".formatted(text, V1_1_0.text));
    }

    boolean atLeast(CniVersion other) {
        return compareTo(other) >= 0;
    }

    @Override
    public String toString() {
        return text;
    }
}
