package dev.rung.cli.oci;

import dev.rung.cli.oci.Files.Content;
import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.oci.RuntimeConfig;
import dev.rung.oci.Validation;
import dev.rung.oci.json.Json;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Opened;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A folder with a config.json, checked as far as it can be without knowing the host.
 *
 * @param path absolute
 * @param named as the caller named it, under which the front end opened files ahead
 * @param json the config's bytes
 */
@SuppressWarnings("ArrayRecordComponent")
record Bundle(String path, String named, byte[] json, RuntimeConfig config) {
    private static final String NAME = "config.json";
    private static final int RESOLVE_NO_SYMLINKS = 4;

    /** The bundle of that name, the working directory for an empty one. */
    static Bundle read(Call call, String name) {
        byte[] json = bytes(call, name, call.arguments().text("config"));
        RuntimeConfig config = RuntimeConfig.read(NAME, json);
        for (String warning : Validation.check(NAME, config)) {
            call.journal().warn(warning);
        }
        if (call.front().request().uid() != 0) {
            Validation.checkRootless(NAME, config);
        }
        return new Bundle(call.absolute(name), name.isEmpty() ? "." : name, json, config);
    }

    /** The front end opened the usual one ahead, under the very name that it has here. */
    private static byte[] bytes(Call call, String name, String other) {
        String file = other.isEmpty() ? (name.isEmpty() ? "." : name) + "/" + NAME : other;
        Content content = call.files().read(file, Json.LARGEST);
        if (content.there()) {
            return content.bytes();
        }
        if (content.errno() == Errno.EFBIG) {
            throw new Failure.Invalid(NAME + ": longer than " + Json.LARGEST + " bytes");
        }
        if (content.errno() != Errno.ENOENT && content.errno() != Errno.ENOTDIR) {
            throw new Failure.Invalid(content.error());
        }
        int errno = name.isEmpty() ? 0 : call.files().folderError(name);
        if (errno != 0) {
            throw new Failure.Invalid("chdir " + name + ": " + Errno.phrase(errno));
        }
        throw new Failure.Invalid(
                "JSON specification file " + (other.isEmpty() ? NAME : other) + " not found");
    }

    /** The root file system, absolute, links and all. */
    String rootfs() {
        String root = config.root().path();
        return root.startsWith("/") ? root : path + "/" + root;
    }

    /**
     * The home of the user by the root file system's /etc/passwd; null when the environment has
     * one, or when only the program itself can find it out once all is mounted.
     */
    @Nullable String home(Call call) {
        if (!HomeFolder.isAsked(config) || HomeFolder.isHidden(config)) {
            return null;
        }
        long uid = config.process().user().uid();
        String root = config.root().path();
        String file = (root.startsWith("/") ? root : named + "/" + root) + "/etc/passwd";
        var request =
                new OpenRequest(null, OpenRequest.reading(file).path(), 0, RESOLVE_NO_SYMLINKS);
        Opened opened = call.front().open(List.of(request)).getFirst();
        if (opened.errno() == Errno.ENOENT) {
            return HomeFolder.of(uid, new byte[0]);
        }
        try (Fd passwd = opened.orThrow(file)) {
            return HomeFolder.of(uid, Descriptors.readAll(passwd, Files.SMALL));
        } catch (ErrnoException _) {
            return null; // a link perhaps, which is to be followed inside the root only
        }
    }
}
