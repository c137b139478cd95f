package dev.rung.host.systemd;

import java.util.ArrayList;
import java.util.List;

/** A call of a method, which is to be answered. */
public record Request(
        String destination, String path, String face, String member, List<Value> arguments) {
    private static final String BUS = "org.freedesktop.DBus";
    private static final String SYSTEMD = "org.freedesktop.systemd1";
    private static final String MANAGER = "org.freedesktop.systemd1.Manager";
    private static final String MANAGER_PATH = "/org/freedesktop/systemd1";

    private static final int CALL = 1;
    private static final int PATH = 1;
    private static final int INTERFACE = 2;
    private static final int MEMBER = 3;
    private static final int DESTINATION = 6;
    private static final int SIGNATURE = 8;

    public Request {
        arguments = List.copyOf(arguments);
    }

    /** The first word to a bus. */
    public static Request hello() {
        return new Request(BUS, "/org/freedesktop/DBus", BUS, "Hello", List.of());
    }

    /** Asks a bus for systemd's signals about jobs that are done. */
    public static Request matchJobs() {
        String rule =
                "type='signal',sender='"
                        + SYSTEMD
                        + "',interface='"
                        + MANAGER
                        + "',member='JobRemoved'";
        return new Request(
                BUS, "/org/freedesktop/DBus", BUS, "AddMatch", List.of(Value.text(rule)));
    }

    /** Has systemd send signals. */
    public static Request subscribe() {
        return manager("Subscribe");
    }

    public static Request startUnit(String unit, List<Property> properties) {
        return manager(
                "StartTransientUnit",
                Value.text(unit),
                Value.text("replace"),
                Property.all(properties),
                new Value.Items("(sa(sv))", List.of()));
    }

    /** Changes properties until the next boot. */
    public static Request setProperties(String unit, List<Property> properties) {
        return manager(
                "SetUnitProperties",
                Value.text(unit),
                new Value.Flag(true),
                Property.all(properties));
    }

    public static Request stopUnit(String unit) {
        return manager("StopUnit", Value.text(unit), Value.text("replace"));
    }

    public static Request resetFailedUnit(String unit) {
        return manager("ResetFailedUnit", Value.text(unit));
    }

    /** Asks for a property of systemd itself. */
    public static Request property(String name) {
        return new Request(
                SYSTEMD,
                MANAGER_PATH,
                "org.freedesktop.DBus.Properties",
                "Get",
                List.of(Value.text(MANAGER), Value.text(name)));
    }

    private static Request manager(String member, Value... arguments) {
        return new Request(SYSTEMD, MANAGER_PATH, MANAGER, member, List.of(arguments));
    }

    /**
     * As bytes.
     *
     * @param serial the message's number on its connection, not 0
     */
    public byte[] toBytes(int serial) {
        String signature = Value.signature(arguments);
        var body = new ValueWriter();
        arguments.forEach(body::write);
        var fields = new ArrayList<Value>();
        fields.add(field(PATH, 'o', path));
        fields.add(field(INTERFACE, 's', face));
        fields.add(field(MEMBER, 's', member));
        fields.add(field(DESTINATION, 's', destination));
        if (!signature.isEmpty()) {
            fields.add(field(SIGNATURE, 'g', signature));
        }
        var message = new ValueWriter();
        message.whole(1, 'l');
        message.whole(1, CALL);
        message.whole(1, 0);
        message.whole(1, 1);
        message.whole(4, body.position());
        message.whole(4, serial);
        message.write(new Value.Items("(yv)", fields));
        message.align(8);
        message.put(body.toBytes());
        return message.toBytes();
    }

    private static Value field(int code, char type, String text) {
        return new Value.Fields(
                List.of(new Value.Whole('y', code), new Value.Boxed(new Value.Words(type, text))));
    }
}
