package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;

/**
 * A device of the host in the container.
 *
 * @param hostPath a node or folder; or the name of a device of the Container Device Interface
 * @param access of r, w and m
 */
public record DeviceOption(String hostPath, String containerPath, String access) {
    /** One of the Container Device Interface, such as vendor.com/class=name. */
    public static DeviceOption cdi(String name) {
        return new DeviceOption(name, "", "");
    }

    /** Whether it is called VENDOR/CLASS=NAME; the other fields are empty then. */
    public boolean isCdi() {
        return isCdi(hostPath);
    }

    private static boolean isCdi(String text) {
        int slash = text.indexOf('/');
        int equals = text.indexOf('=');
        return slash > 0 && equals > slash + 1 && equals < text.length() - 1;
    }

    /**
     * A device as {@code --device} writes it: PATH[:PATH INSIDE][:ACCESS], or VENDOR/CLASS=NAME.
     */
    public static DeviceOption parse(String text) {
        if (isCdi(text)) {
            return cdi(text);
        }
        String[] parts = text.split(":", -1);
        if (parts.length > 3 || parts[0].isEmpty()) {
            throw new Failure.Invalid("invalid device specification: " + Printable.of(text));
        }
        String inside = parts[0];
        String access = "rwm";
        if (parts.length == 3) {
            inside = parts[1];
            access = parts[2];
        } else if (parts.length == 2 && isAccess(parts[1])) {
            access = parts[1];
        } else if (parts.length == 2) {
            inside = parts[1];
        }
        if (!isAccess(access)) {
            throw new Failure.Invalid("invalid device mode: " + Printable.of(access));
        }
        if (!inside.startsWith("/")) {
            throw new Failure.Invalid(Printable.of(inside) + " is not an absolute path");
        }
        return new DeviceOption(parts[0], inside, access);
    }

    private static boolean isAccess(String text) {
        for (int i = 0; i < text.length(); i++) {
            if ("rwm".indexOf(text.charAt(i)) < 0 || text.indexOf(text.charAt(i)) != i) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    static DeviceOption read(JsonFields fields) {
        return new DeviceOption(
                fields.text("PathOnHost"),
                fields.text("PathInContainer"),
                fields.text("CgroupPermissions"));
    }

    void write(JsonWriter to) {
        to.beginObject()
                .field("PathOnHost", hostPath)
                .field("PathInContainer", containerPath)
                .field("CgroupPermissions", access)
                .endObject();
    }
}
