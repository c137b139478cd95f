package dev.rung.engine.template;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.template.Node.Command;
import dev.rung.engine.template.Node.Operand;
import dev.rung.engine.template.Node.Pipeline;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A template, and what it makes of a value. */
public final class GoTemplate {
    /** What Go has as maps: a key that they do not have is no mistake. */
    private static final Set<String> MAPS =
            Set.of(
                    "Annotations",
                    "Attributes",
                    "Data",
                    "DriverOpts",
                    "ExposedPorts",
                    "Labels",
                    "Networks",
                    "Options",
                    "Ports",
                    "Sysctls",
                    "Tmpfs",
                    "Volumes");

    private static final Operand LABEL = new Operand.Fields(List.of("Label"));

    private final List<Node> nodes;

    private GoTemplate(List<Node> nodes) {
        this.nodes = nodes;
    }

    /** Reads a template. Invalid when it is none. */
    public static GoTemplate parse(String text) {
        return new GoTemplate(TemplateParser.parse(text));
    }

    /** The template's text for this value. Invalid when it asks for what is not there. */
    public String of(JsonObject value) {
        return of(value, null);
    }

    /**
     * The same for a value that can be asked for a label, as {@code {{.Label "name"}}}.
     *
     * @param labels gives one by its name
     */
    public String of(JsonObject value, @Nullable UnaryOperator<String> labels) {
        var out = new StringBuilder();
        new Run(labels, out).all(nodes, value, new HashMap<>(Map.of("$", (Object) value)));
        return out.toString();
    }

    /** One evaluation. Values are Json, or String, Long, Boolean where a template made them. */
    private record Run(@Nullable UnaryOperator<String> labels, StringBuilder out) {
        private void all(List<Node> nodes, Object dot, Map<String, Object> variables) {
            for (Node node : nodes) {
                one(node, dot, variables);
            }
        }

        private void one(Node node, Object dot, Map<String, Object> variables) {
            switch (node) {
                case Node.Plain plain -> out.append(plain.text());
                case Node.Print print ->
                        out.append(Values.text(value(print.pipeline(), dot, variables)));
                case Node.Assign assign ->
                        variables.put(assign.variable(), value(assign.pipeline(), dot, variables));
                case Node.Choice choice -> {
                    boolean holds = Values.holds(value(choice.pipeline(), dot, variables));
                    all(holds ? choice.then() : choice.otherwise(), dot, new HashMap<>(variables));
                }
                case Node.With with -> {
                    Object value = value(with.pipeline(), dot, variables);
                    if (Values.holds(value)) {
                        all(with.then(), value, new HashMap<>(variables));
                    } else {
                        all(with.otherwise(), dot, new HashMap<>(variables));
                    }
                }
                case Node.Range range -> range(range, dot, variables);
            }
        }

        private void range(Node.Range range, Object dot, Map<String, Object> variables) {
            Object value = value(range.pipeline(), dot, variables);
            var keys = new ArrayList<Object>();
            var elements = new ArrayList<Object>();
            if (value instanceof JsonArray array) {
                for (int i = 0; i < array.values().size(); i++) {
                    keys.add((long) i);
                    elements.add(array.values().get(i));
                }
            } else if (value instanceof JsonObject object) {
                var names = new ArrayList<String>();
                for (int i = 0; i < object.size(); i++) {
                    names.add(object.name(i));
                }
                names.sort(null);
                for (String name : names) {
                    keys.add(name);
                    elements.add(Values.field(object, name));
                }
            } else if (value instanceof List<?> list) {
                for (int i = 0; i < list.size(); i++) {
                    keys.add((long) i);
                    elements.add(list.get(i));
                }
            } else if (Values.holds(value)) {
                throw failed("range can't iterate over " + Values.text(value));
            }
            if (elements.isEmpty()) {
                all(range.none(), dot, new HashMap<>(variables));
            }
            for (int i = 0; i < elements.size(); i++) {
                var inner = new HashMap<>(variables);
                if (range.key() != null) {
                    inner.put(range.key(), keys.get(i));
                }
                if (range.element() != null) {
                    inner.put(range.element(), elements.get(i));
                }
                all(range.each(), elements.get(i), inner);
            }
        }

        private Object value(Pipeline pipeline, Object dot, Map<String, Object> variables) {
            Object last = null;
            for (Command command : pipeline.commands()) {
                last = value(command, dot, variables, last);
            }
            return last == null ? "" : last;
        }

        private Object value(
                Command command,
                Object dot,
                Map<String, Object> variables,
                @Nullable Object piped) {
            Operand first = command.operands().getFirst();
            if (!(first instanceof Operand.Name(String function))) {
                boolean withArgument = command.operands().size() == 2 && piped == null;
                if (withArgument && labels != null && LABEL.equals(first)) {
                    Object name = value(command.operands().getLast(), dot, variables);
                    return labels.apply(Values.text(name));
                }
                if (command.operands().size() > 1 || piped != null) {
                    throw failed("can't give argument to non-function");
                }
                return value(first, dot, variables);
            }
            var arguments = new ArrayList<Object>();
            for (Operand operand : command.operands().subList(1, command.operands().size())) {
                arguments.add(value(operand, dot, variables));
            }
            if (piped != null) {
                arguments.add(piped);
            }
            return Functions.call(function, arguments);
        }

        private Object value(Operand operand, Object dot, Map<String, Object> variables) {
            return switch (operand) {
                case Operand.Literal literal -> literal.value();
                case Operand.Name name -> Functions.call(name.name(), List.of());
                case Operand.Fields fields -> path(dot, fields.path());
                case Operand.Variable variable -> {
                    Object value = variables.get(variable.name());
                    if (value == null) {
                        throw failed("undefined variable \"" + variable.name() + "\"");
                    }
                    yield path(value, variable.path());
                }
                case Operand.Inner inner ->
                        path(value(inner.pipeline(), dot, variables), inner.path());
            };
        }

        private static Object path(Object from, List<String> path) {
            Object value = from;
            String before = "";
            for (String name : path) {
                if (value instanceof JsonNull && MAPS.contains(before)) {
                    value = Values.NoValue.OF_A_MAP; // a map that has nothing at all
                    before = name;
                    continue;
                }
                if (!(value instanceof JsonObject object)) {
                    throw failed(
                            "can't evaluate field "
                                    + Printable.of(name)
                                    + " in "
                                    + (value instanceof Json json ? json.kind() : "a text"));
                }
                value =
                        object.get(name) == null && MAPS.contains(before)
                                ? Values.NoValue.OF_A_MAP
                                : Values.field(object, name);
                before = name;
            }
            return value;
        }
    }

    static Failure.Invalid failed(String why) {
        return new Failure.Invalid("template: :1: " + why);
    }
}
