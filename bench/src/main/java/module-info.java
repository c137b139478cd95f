import org.jspecify.annotations.NullMarked;

/** Benchmarks against the peers. */
@NullMarked
module dev.rung.bench {
    requires static org.jspecify;
}
