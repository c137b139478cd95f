package dev.rung.cri;

import dev.rung.cri.v1.Signal;
import dev.rung.domain.Failure;

/** Names of signals, as the interface has them and as the engine does. */
final class StopSignals {
    private static final String PREFIX = "SIGNAL_";

    private StopSignals() {}

    /** Such as SIGTERM, or SIGRTMIN+3. */
    static String name(Signal signal) {
        if (signal == Signal.UNRECOGNIZED || signal == Signal.SIGNAL_RUNTIME_DEFAULT) {
            throw new Failure.Invalid("config.stop_signal: unknown signal");
        }
        return signal.name().substring(PREFIX.length()).replace("PLUS", "+").replace("MINUS", "-");
    }

    /** The other way; the default where the interface has no word for it. */
    static Signal signal(String name) {
        String plain = name.isEmpty() ? "SIGTERM" : name;
        String full = plain.startsWith("SIG") ? plain : "SIG" + plain;
        String wanted = PREFIX + full.replace("+", "PLUS").replace("-", "MINUS");
        for (Signal signal : Signal.values()) {
            if (signal.name().equals(wanted)) {
                return signal;
            }
        }
        return Signal.SIGNAL_RUNTIME_DEFAULT;
    }
}
