import org.jspecify.annotations.NullMarked;

/** The words every room uses, each checked once when it is made. */
@NullMarked
module dev.rung.domain {
    requires static org.jspecify;

    exports dev.rung.domain;
}
