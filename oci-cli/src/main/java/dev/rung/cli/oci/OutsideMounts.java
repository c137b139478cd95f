package dev.rung.cli.oci;

import dev.rung.domain.KernelPath;
import dev.rung.host.compile.CheckpointRequest.OutsideMount;
import dev.rung.isolation.HostDescription.Cgroups;
import dev.rung.isolation.HostDescription.Hierarchy;
import dev.rung.isolation.HostDescription.Layout;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import dev.rung.oci.LinuxConfig.Device;
import dev.rung.oci.LinuxConfig.NamespaceType;
import dev.rung.oci.Mount;
import dev.rung.oci.RuntimeConfig;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Opened;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The mounts of a container that show something from outside, which criu has to be told of: binds,
 * masked files, devices that were bound, and cgroups of version 1.
 */
final class OutsideMounts {
    private static final int RESOLVE_NO_MAGICLINKS = 0x02;
    private static final int RESOLVE_IN_ROOT = 0x10;
    private static final String NULL = "/dev/null";

    /** Those that a user namespace is lent. */
    private static final List<String> STANDARD_DEVICES =
            List.of(NULL, "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty");

    private final Call call;
    private final RuntimeConfig config;
    private final String rootPath;

    /**
     * @param root the container's: of its process, or where its root file system is
     */
    OutsideMounts(Call call, RuntimeConfig config, String root) {
        this.call = call;
        this.config = config;
        this.rootPath = root;
    }

    /**
     * A place in the container.
     *
     * @param path without links
     * @param folder whether it is one; not when it is not there
     */
    private record Place(String path, boolean there, boolean folder) {}

    /** By their places, with the names that the images are to have for them. */
    List<OutsideMount> dumped(Cgroups cgroups) {
        var mounts = new ArrayList<OutsideMount>();
        for (Place place : places(binds().stream().map(Mount::destination).toList())) {
            mounts.add(new OutsideMount(place.path, place.path));
        }
        for (Place place : places(config.linux().maskedPaths())) {
            if (place.there && !place.folder) {
                mounts.add(new OutsideMount(place.path, NULL));
            }
        }
        for (String device : devices()) {
            mounts.add(new OutsideMount(device, device));
        }
        if (cgroups.layout() != Layout.UNIFIED && !config.linux().has(NamespaceType.CGROUP)) {
            for (Mount mount : config.mounts()) {
                if ("cgroup".equals(mount.type()) && !mount.isBind()) {
                    hierarchies(cgroups, mount.destination(), mounts);
                }
            }
        }
        return mounts;
    }

    private static void hierarchies(Cgroups cgroups, String folder, List<OutsideMount> mounts) {
        for (Hierarchy hierarchy : cgroups.hierarchies()) {
            if (!hierarchy.unified()) {
                String point = hierarchy.mountPoint();
                String place = folder + point.substring(point.lastIndexOf('/'));
                mounts.add(new OutsideMount(place, place));
            }
        }
    }

    /** By the names that the images have for them, with what is to be mounted. */
    List<OutsideMount> restored(String bundle) {
        var mounts = new ArrayList<OutsideMount>();
        List<Mount> binds = binds();
        List<Place> places = places(binds.stream().map(Mount::destination).toList());
        for (int i = 0; i < binds.size(); i++) {
            String source = binds.get(i).source();
            mounts.add(
                    new OutsideMount(
                            places.get(i).path,
                            CallerPath.absolute(bundle, source == null ? "" : source)));
        }
        for (String device : devices()) {
            if (!device.equals(NULL) || config.linux().maskedPaths().isEmpty()) {
                mounts.add(new OutsideMount(device, device));
            }
        }
        return mounts;
    }

    private List<Mount> binds() {
        return config.mounts().stream().filter(Mount::isBind).toList();
    }

    private List<String> devices() {
        var devices = new ArrayList<String>();
        if (config.linux().has(NamespaceType.USER)) {
            devices.addAll(STANDARD_DEVICES);
        }
        for (Device device : config.linux().devices()) {
            if (!devices.contains(device.path())) {
                devices.add(device.path());
            }
        }
        return devices;
    }

    /** Where the paths lead, with all links on the way followed inside the container's root. */
    private List<Place> places(List<String> paths) {
        var request =
                new OpenRequest(null, KernelPath.of(rootPath), Paths.O_PATH | Paths.O_DIRECTORY, 0);
        Fd root = call.front().open(List.of(request)).getFirst().descriptor();
        var requests = new ArrayList<OpenRequest>(paths.size());
        for (String path : paths) {
            requests.add(
                    new OpenRequest(
                            root,
                            KernelPath.of(path),
                            Paths.O_PATH,
                            RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS));
        }
        List<Opened> opened = root == null ? List.of() : call.front().open(requests);
        var places = new ArrayList<Place>(paths.size());
        for (int i = 0; i < paths.size(); i++) {
            Fd found = root == null ? null : opened.get(i).descriptor();
            places.add(place(root, found, CallerPath.absolute("/", paths.get(i))));
        }
        return places;
    }

    private static Place place(@Nullable Fd root, @Nullable Fd found, String asked) {
        if (root == null || found == null) {
            return new Place(asked, false, false);
        }
        try (found) {
            boolean folder = Descriptors.status(found).is(FileStatus.Type.DIRECTORY);
            String above = link(root);
            String path = link(found);
            if (above.equals("/")) {
                return new Place(path, true, folder);
            }
            return path.startsWith(above + "/")
                    ? new Place(path.substring(above.length()), true, folder)
                    : new Place(asked, true, folder);
        } catch (ErrnoException | IOException _) {
            return new Place(asked, false, false);
        }
    }

    private static String link(Fd file) throws IOException {
        Path link = Path.of("/proc/self/fd/" + file.number());
        return java.nio.file.Files.readSymbolicLink(link).toString();
    }
}
