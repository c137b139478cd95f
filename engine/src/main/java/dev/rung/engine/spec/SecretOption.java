package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonWriter;

/**
 * A secret that a container gets, by name or id.
 *
 * @param type where: a file, or a variable of the environment
 * @param target the file, absolute or below /run/secrets; or the name of the variable
 * @param mode permission bits of the file
 */
public record SecretOption(String source, Type type, String target, long uid, long gid, int mode) {
    /** Where files are whose target is no absolute path. */
    public static final String FOLDER = "/run/secrets";

    private static final int USUAL_MODE = 0444;
    private static final int MOST_MODE = 07777;
    private static final long MOST_ID = 0xffff_fffeL;

    public enum Type {
        MOUNT,
        ENV
    }

    public SecretOption {
        boolean file = type == Type.MOUNT;
        boolean wrong =
                target.isEmpty()
                        || target.indexOf('\0') >= 0
                        || (file ? leadsOut(target) : target.indexOf('=') >= 0);
        if (wrong) {
            throw new Failure.Invalid(
                    "invalid target of secret "
                            + Printable.of(source)
                            + ": "
                            + Printable.of(target));
        }
    }

    private static boolean leadsOut(String path) {
        return path.endsWith("/") || ("/" + path + "/").contains("/../");
    }

    /** As podman's: NAME[,type=mount|env,target=,uid=,gid=,mode=]. */
    public static SecretOption parse(String text) {
        String source = "";
        Type type = Type.MOUNT;
        String target = "";
        long uid = 0;
        long gid = 0;
        int mode = USUAL_MODE;
        for (String field : text.split(",")) {
            int equals = field.indexOf('=');
            String name = equals < 0 ? "source" : field.substring(0, equals);
            String value = field.substring(equals + 1);
            switch (name) {
                case "source", "src" -> source = value;
                case "type" -> type = type(value);
                case "target", "dst", "destination" -> target = value;
                case "uid" -> uid = number(text, value, 10, MOST_ID);
                case "gid" -> gid = number(text, value, 10, MOST_ID);
                case "mode" -> mode = (int) number(text, value, 8, MOST_MODE);
                default ->
                        throw new Failure.Invalid(
                                "option "
                                        + Printable.of(field)
                                        + " is invalid: error parsing secret");
            }
        }
        if (source.isEmpty()) {
            throw new Failure.Invalid(
                    "no source found " + Printable.of(text) + ": error parsing secret");
        }
        String usual = type == Type.ENV ? source : source.substring(source.lastIndexOf('/') + 1);
        return new SecretOption(source, type, target.isEmpty() ? usual : target, uid, gid, mode);
    }

    private static Type type(String value) {
        return switch (value) {
            case "mount" -> Type.MOUNT;
            case "env" -> Type.ENV;
            default ->
                    throw new Failure.Invalid(
                            "type " + Printable.of(value) + " is invalid: error parsing secret");
        };
    }

    private static long number(String text, String value, int radix, long most) {
        try {
            long number = Long.parseLong(value, radix);
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw new Failure.Invalid(
                "invalid number \"" + Printable.of(value) + "\" in secret " + Printable.of(text));
    }

    /** Where the file is in the container. */
    public String path() {
        return target.startsWith("/") ? target : FOLDER + "/" + target;
    }

    /** The same, by the secret's id. */
    public SecretOption of(String id) {
        return new SecretOption(id, type, target, uid, gid, mode);
    }

    static SecretOption read(JsonFields fields) {
        return new SecretOption(
                fields.text("Source"),
                type(fields.text("Type")),
                fields.text("Target"),
                fields.integerOr("UID", 0, MOST_ID, 0),
                fields.integerOr("GID", 0, MOST_ID, 0),
                (int) fields.integerOr("Mode", 0, MOST_MODE, USUAL_MODE));
    }

    void write(JsonWriter to) {
        to.beginObject()
                .field("Source", source)
                .field("Type", type == Type.ENV ? "env" : "mount")
                .field("Target", target)
                .field("UID", uid)
                .field("GID", gid)
                .field("Mode", mode)
                .endObject();
    }
}
