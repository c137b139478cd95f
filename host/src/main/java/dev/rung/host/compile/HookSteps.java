package dev.rung.host.compile;

import dev.rung.oci.Hooks.Hook;
import dev.rung.program.ControlStep.Spawn;
import dev.rung.program.Hole;
import dev.rung.program.Text;
import java.util.List;

/** Calls hooks (config.md "POSIX-platform Hooks") with the container's state on their input. */
final class HookSteps {
    private static final long LONGEST = Integer.MAX_VALUE / 1000; // seconds

    private HookSteps() {}

    /**
     * All hooks of one kind, one after another; the first that fails ends the program.
     *
     * @param kind as in the config
     * @param state what they read
     * @param environment of those that have none of their own
     */
    static void run(Script s, String kind, List<Hook> hooks, Hole state, List<String> environment) {
        for (int i = 0; i < hooks.size(); i++) {
            s.at("hooks." + kind + "[" + i + "]", "error running " + kind + " hook #" + i);
            spawn(s, hooks.get(i), state, environment);
        }
    }

    /** The same on the way back: a failure is only warned of. */
    static void runUndoing(Script s, String kind, List<Hook> hooks, Hole state) {
        for (int i = hooks.size() - 1; i >= 0; i--) {
            s.at("hooks." + kind + "[" + i + "]", "error running " + kind + " hook #" + i);
            s.undo();
            spawn(s, hooks.get(i), state, List.of());
        }
    }

    private static void spawn(Script s, Hook hook, Hole state, List<String> environment) {
        Long seconds = hook.timeout();
        s.add(
                new Spawn(
                        Text.of(hook.path()),
                        Script.texts(hook.args().isEmpty() ? List.of(hook.path()) : hook.args()),
                        Script.texts(hook.env().isEmpty() ? environment : hook.env()),
                        state,
                        seconds == null ? 0 : Math.min(seconds, LONGEST) * 1000));
    }
}
