package dev.rung.program;

import java.util.Arrays;
import java.util.Map;

/**
 * Prints the operands of one step, from the first to the last; each method prints the next one as
 * what it is. What is no literal, or points to no good structure, is printed as slot or address
 * instead.
 */
final class Operands {
    /**
     * What a step of the program writes into the data at run time; width 0 for digits and a NUL.
     */
    record Written(String name, int width) {}

    private static final int LONGEST_DATA = 96;
    private static final int MOST_TEXTS = 24;

    private final Program program;
    private final Wire wire;
    private final Machine machine;
    private final Secrets secrets;
    private final Map<Long, Written> written;
    private StringBuilder to = new StringBuilder();
    private int step;
    private int next;
    private boolean bare;

    Operands(
            Program program,
            Wire wire,
            Machine machine,
            Secrets secrets,
            Map<Long, Written> written) {
        this.program = program;
        this.wire = wire;
        this.machine = machine;
        this.secrets = secrets;
        this.written = written;
    }

    void begin(int newStep, StringBuilder newTo) {
        step = newStep;
        to = newTo;
        next = 0;
        bare = true;
    }

    /** The next operand's literal value, whatever its kind. */
    long peek() {
        return wire.operand(step, next);
    }

    long peek(int i) {
        return wire.operand(step, i);
    }

    Machine machine() {
        return machine;
    }

    Operands skip() {
        next++;
        return this;
    }

    void skipTo(int operand) {
        next = operand;
    }

    /** The next operand follows without a comma. */
    Operands bare() {
        bare = true;
        return this;
    }

    /** The next operand follows its name. */
    Operands named(String name) {
        comma();
        to.append(name).append('=');
        bare = true;
        return this;
    }

    /** A literal number, a slot or an address, as it comes. */
    Operands any() {
        return wire.kind(step, next) == Format.KIND_DATA ? address() : value();
    }

    /** A signed number or a slot's value. */
    Operands value() {
        if (!literal()) {
            return this;
        }
        to.append(wire.operand(step, next++));
        return this;
    }

    Operands number() {
        return value();
    }

    Operands tag() {
        return named("tag").value();
    }

    Operands hex() {
        if (literal()) {
            to.append("0x").append(Long.toHexString(wire.operand(step, next++)));
        }
        return this;
    }

    Operands octal() {
        if (literal()) {
            appendOctal(to, wire.operand(step, next++));
        }
        return this;
    }

    static void appendOctal(StringBuilder to, long mode) {
        to.append(mode == 0 ? "0" : "0" + Long.toOctalString(mode));
    }

    Operands milliseconds() {
        if (peek() == 0) {
            next++;
        } else {
            value();
            to.append(" ms");
        }
        return this;
    }

    Operands choice(String zero, String one) {
        String chosen = wire.operand(step, next++) == 0 ? zero : one;
        if (!chosen.isEmpty()) {
            comma();
            to.append(chosen);
        }
        return this;
    }

    /** A descriptor, or AT_FDCWD. */
    Operands fd() {
        if (literal()) {
            int fd = (int) wire.operand(step, next++);
            if (fd == -100) {
                to.append("AT_FDCWD");
            } else {
                to.append(fd);
            }
        }
        return this;
    }

    Operands flags(Names names) {
        if (literal()) {
            names.flags(to, wire.operand(step, next++));
        }
        return this;
    }

    Operands openFlags() {
        if (literal()) {
            Names.OPEN.flags(to, machine.openFlags(wire.operand(step, next++)));
        }
        return this;
    }

    /** One flag, whatever its bit. */
    Operands cloexec(String name) {
        if (literal()) {
            to.append(wire.operand(step, next++) == 0 ? "0" : name);
        }
        return this;
    }

    Operands one(Names names) {
        if (literal()) {
            names.one(to, wire.operand(step, next++));
        }
        return this;
    }

    /** A slot that the operand names by its index. */
    Operands slot() {
        comma();
        to.append(program.slotName((int) wire.operand(step, next++)));
        return this;
    }

    /** A place in the data that the operand names by a literal. */
    Operands place() {
        comma();
        appendAddress(wire.operand(step, next++));
        return this;
    }

    Operands address() {
        if (wire.kind(step, next) != Format.KIND_DATA) {
            return pointerOrNull();
        }
        comma();
        appendAddress(wire.operand(step, next++));
        return this;
    }

    private void appendAddress(long at) {
        to.append("data+0x").append(Long.toHexString(at));
    }

    /** A text up to its NUL, or NULL. */
    Operands text() {
        if (wire.kind(step, next) != Format.KIND_DATA) {
            return pointerOrNull();
        }
        comma();
        appendText(wire.operand(step, next++));
        return this;
    }

    private Operands pointerOrNull() {
        if (wire.kind(step, next) == Format.KIND_LITERAL && peek() == 0) {
            comma();
            to.append("NULL");
            next++;
            return this;
        }
        return hex();
    }

    /** As many bytes as the operand after it says; that operand is printed too. */
    Operands data() {
        return input(next + 1).value();
    }

    /** As many bytes as that operand says. */
    Operands input(int lengthOperand) {
        if (wire.kind(step, next) != Format.KIND_DATA) {
            return pointerOrNull();
        }
        comma();
        long at = wire.operand(step, next++);
        long length =
                wire.kind(step, lengthOperand) == Format.KIND_LITERAL
                        ? wire.operand(step, lengthOperand)
                        : wire.text(at).length;
        appendData(at, length);
        return this;
    }

    /** A structure of that size: its place, or -1 after something else was printed. */
    long struct(int size) {
        if (wire.kind(step, next) == Format.KIND_DATA && wire.hasData(peek(), size)) {
            comma();
            return wire.operand(step, next++);
        }
        address();
        return -1;
    }

    /** A table of pointers to texts. */
    Operands texts() {
        return texts(false);
    }

    /** A table of pointers to NAME=value: the names only, unless secrets are asked for. */
    Operands environment() {
        return texts(secrets == Secrets.HIDDEN);
    }

    private Operands texts(boolean namesOnly) {
        if (wire.kind(step, next) != Format.KIND_DATA) {
            return pointerOrNull();
        }
        comma();
        to.append('[');
        int count = 0;
        for (long at = wire.operand(step, next++); wire.isPointer(at); at += 8) {
            long text = wire.data64(at);
            if (text == Format.NULL) {
                break;
            }
            if (count++ > 0) {
                to.append(", ");
            }
            if (count > MOST_TEXTS) {
                to.append("...");
                break;
            }
            if (namesOnly) {
                byte[] pair = wire.text(text);
                int name = 0;
                while (name < pair.length && pair[name] != '=') {
                    name++;
                }
                to.append(name == pair.length ? "?" : Quoted.plain(Arrays.copyOf(pair, name)));
            } else {
                appendText(text);
            }
        }
        to.append(']');
        return this;
    }

    // Parts of structures.

    Wire wire() {
        return wire;
    }

    void comma() {
        if (!bare) {
            to.append(", ");
        }
        bare = false;
    }

    /** Begins a structure, whose fields follow without a comma before the first. */
    void open(String bracket) {
        to.append(bracket);
        bare = true;
    }

    void close(String bracket) {
        to.append(bracket);
        bare = false;
    }

    /** The number at that place, or what a step writes there. */
    void field(String name, long at, int width) {
        named(name).item(at, width);
    }

    /** The descriptor at that place in a list. */
    void item(long at) {
        item(at, 4);
    }

    private void item(long at, int width) {
        comma();
        Written by = written.get(at);
        if (by != null && by.width == width) {
            to.append(by.name);
        } else {
            to.append(width == 4 ? (int) wire.data32(at) : wire.data64(at));
        }
    }

    void appendText(long at) {
        if (secret(at)) {
            return;
        }
        byte[] text = wire.text(at);
        to.append('"');
        Quoted.append(to, text);
        Written by = written.get(at + text.length);
        if (by != null && by.width == 0) {
            to.append('{').append(by.name).append('}');
        }
        to.append('"');
    }

    /** Bytes with a known length, cut where they are long. */
    void appendData(long at, long length) {
        if (secret(at)) {
            return;
        }
        if (!wire.hasData(at, length)) {
            appendAddress(at);
            return;
        }
        long end = at + Math.min(length, LONGEST_DATA);
        to.append('"');
        long from = at;
        for (long i = at; i < end; i++) {
            Written by = written.get(i);
            if (by != null) {
                Quoted.append(to, wire.data(from, (int) (i - from)));
                to.append('{').append(by.name).append('}');
                i = by.width == 0 ? end : i + by.width - 1;
                from = Math.min(i + 1, end);
            }
        }
        Quoted.append(to, wire.data(from, (int) (end - from)));
        to.append(length > LONGEST_DATA ? "\"..." : "\"");
    }

    private boolean secret(long at) {
        if (secrets == Secrets.HIDDEN && program.hides(at)) {
            to.append("<hidden>");
            return true;
        }
        return false;
    }

    /** Whether the next operand is a literal; anything else is printed here. */
    private boolean literal() {
        comma();
        int kind = wire.kind(step, next);
        if (kind == Format.KIND_LITERAL) {
            return true;
        }
        long value = wire.operand(step, next++);
        switch (kind) {
            case Format.KIND_SLOT -> to.append(program.slotName((int) value));
            case Format.KIND_SLOT_ADDRESS -> to.append('&').append(program.slotName((int) value));
            default -> appendAddress(value);
        }
        return false;
    }
}
