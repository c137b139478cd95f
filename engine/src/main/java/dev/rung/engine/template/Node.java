package dev.rung.engine.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A piece of a template. */
sealed interface Node {
    /** Stands as it is. */
    record Plain(String text) implements Node {}

    /** Prints a value. */
    record Print(Pipeline pipeline) implements Node {}

    /** Gives a variable a value. */
    record Assign(String variable, Pipeline pipeline) implements Node {}

    /** One of two, by whether a value is something. */
    record Choice(Pipeline pipeline, List<Node> then, List<Node> otherwise) implements Node {}

    /** The inside with a value as the dot, unless it is nothing. */
    record With(Pipeline pipeline, List<Node> then, List<Node> otherwise) implements Node {}

    /** The inside for each element of an array or an object. */
    record Range(
            @Nullable String key,
            @Nullable String element,
            Pipeline pipeline,
            List<Node> each,
            List<Node> none)
            implements Node {}

    /** Commands of which each gets what the one before gave as its last argument. */
    record Pipeline(List<Command> commands) {}

    /** A function with its arguments, or one value alone. */
    record Command(List<Operand> operands) {}

    /** Something with a value. */
    sealed interface Operand {
        record Literal(Object value) implements Operand {}

        /** A function without arguments, or the name of the one that is called. */
        record Name(String name) implements Operand {}

        /** Fields of the dot; none: the dot itself. */
        record Fields(List<String> path) implements Operand {}

        record Variable(String name, List<String> path) implements Operand {}

        record Inner(Pipeline pipeline, List<String> path) implements Operand {}
    }
}
