package dev.rung.cli.oci;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.host.compile.CriuCommand;
import dev.rung.host.criu.CriuOptions;
import dev.rung.host.criu.CriuOptions.CgroupMode;
import dev.rung.host.criu.CriuOptions.Choice;
import dev.rung.host.criu.CriuOptions.PageServer;
import dev.rung.resident.Request;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/** What checkpoint and restore are told of criu. */
final class CriuArguments {
    /** More for criu, as runc has it; what stands there wins. */
    private static final String CONFIG = "/etc/criu/runc.conf";

    private static final String USUAL_PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private CriuArguments() {}

    static CriuCommand command(Call call) {
        Request caller = call.front().request();
        String path = caller.environment().get("PATH");
        String program = call.globals().criu();
        return new CriuCommand(
                program.indexOf('/') < 0 ? program : call.absolute(program),
                path == null || path.isEmpty() ? USUAL_PATH : path,
                caller.inheritedDescriptors());
    }

    static String images(Call call) {
        String given = call.arguments().text("image-path");
        return call.absolute(given.isEmpty() ? "checkpoint" : given);
    }

    static @Nullable String work(Call call) {
        String given = call.arguments().text("work-path");
        return given.isEmpty() ? null : call.absolute(given);
    }

    static CriuOptions options(Call call, String images) {
        Arguments given = call.arguments();
        for (String kind : given.texts("empty-ns")) {
            if (!kind.equals("network")) {
                throw new Failure.Invalid(
                        "namespace \"" + Printable.of(kind) + "\" is not supported");
            }
        }
        var choices = EnumSet.noneOf(Choice.class);
        for (Choice choice : Choice.values()) {
            if (given.flag(choice.toString())) {
                choices.add(choice);
            }
        }
        return new CriuOptions(
                choices,
                cgroups(given.text("manage-cgroups-mode")),
                pageServer(given.text("page-server")),
                parent(call, images, given.text("parent-path")),
                given.text("lsm-profile"),
                given.text("lsm-mount-context"),
                CONFIG);
    }

    private static CgroupMode cgroups(String mode) {
        return switch (mode) {
            case "" -> CgroupMode.DEFAULT;
            case "soft" -> CgroupMode.SOFT;
            case "full" -> CgroupMode.FULL;
            case "strict" -> CgroupMode.STRICT;
            case "ignore" -> CgroupMode.IGNORE;
            default -> throw new Failure.Invalid("invalid manage-cgroups-mode value");
        };
    }

    private static @Nullable PageServer pageServer(String text) {
        if (text.isEmpty()) {
            return null;
        }
        int colon = text.lastIndexOf(':');
        if (colon <= 0 || colon == text.length() - 1) {
            throw new Failure.Invalid("Use --page-server ADDRESS:PORT to specify page server");
        }
        Long port = GoSyntax.unsigned(text.substring(colon + 1));
        if (port == null || port < 0 || port > 0xffff) {
            throw new Failure.Invalid("Invalid port number");
        }
        String address = text.substring(0, colon);
        boolean bracketed = address.startsWith("[") && address.endsWith("]");
        return new PageServer(
                bracketed ? address.substring(1, address.length() - 1) : address, port.intValue());
    }

    private static String parent(Call call, String images, String path) {
        if (path.isEmpty()) {
            return "";
        }
        if (path.startsWith("/")) {
            throw new Failure.Invalid("--parent-path must be relative");
        }
        int errno = call.files().folderError(images + "/" + path);
        if (errno != 0) {
            throw new Failure.Invalid(
                    "invalid --parent-path: stat "
                            + images
                            + "/"
                            + path
                            + ": "
                            + Errno.phrase(errno));
        }
        return path;
    }
}
