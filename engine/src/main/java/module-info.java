import org.jspecify.annotations.NullMarked;

/** Containers and their one state: the monitors that stay with them while no daemon runs. */
@NullMarked
module dev.rung.engine {
    requires static org.jspecify;
    requires transitive dev.rung.domain;
    requires transitive dev.rung.resident;
    requires dev.rung.linux;

    exports dev.rung.engine.monitor;
}
