package dev.rung.image.layer;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.layer.LayerStack.Found;
import dev.rung.image.layer.UnpackedLayer.MissingLink;
import dev.rung.image.tar.TarEntry.Attribute;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.FileStatus;
import dev.rung.linux.Paths;
import dev.rung.linux.Xattrs;

/**
 * What a layer needs from those below it: the looks of folders that it only passes through, and
 * files that it links to. Marks its opaque folders too, which takes rights that its unpacking has
 * not.
 */
public final class LayerCompletion implements AutoCloseable {
    private static final byte[] YES = {'y'};
    private static final int OURS = 0700;
    private static final int CHUNK = 64 * 1024;

    private final Fd layer;
    private final LayerStack below;
    private final KernelPath opaqueAttribute;
    private final FileCalls calls = new FileCalls();

    private LayerCompletion(Fd layer, LayerStack below, boolean userAttributes) {
        this.layer = layer;
        this.below = below;
        this.opaqueAttribute =
                userAttributes ? Whiteouts.USER_OPAQUE_ATTRIBUTE : Whiteouts.OPAQUE_ATTRIBUTE;
    }

    /**
     * Completes an unpacked layer upon the layers below. User attributes are for overlays that are
     * mounted without the rights of root (userxattr). Invalid when it links to what is nowhere,
     * HostRefused as the kernel says.
     */
    public static void complete(
            UnpackedLayer unpacked, Fd layer, LayerStack below, boolean userAttributes) {
        try (var completion = new LayerCompletion(layer, below, userAttributes)) {
            completion.complete(unpacked);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("complete a layer: " + e.getMessage(), e);
        }
    }

    private void complete(UnpackedLayer unpacked) throws ErrnoException {
        for (KernelPath path : unpacked.opaqueFolders()) {
            try (Fd folder = calls.openFolderInRoot(layer, LayerPath.forCall(path), 0)) {
                Xattrs.set(folder, opaqueAttribute, YES);
            }
        }
        for (MissingLink link : unpacked.missingLinks()) {
            link(LayerPath.of(link.target()), LayerPath.of(link.name()));
        }
        for (KernelPath path : unpacked.impliedFolders()) {
            Found model = below.find(path);
            if (model != null && model.isFolder()) {
                imitate(path, model);
            }
        }
    }

    private void imitate(KernelPath path, Found model) throws ErrnoException {
        try (Fd folder = calls.openFolderInRoot(layer, LayerPath.forCall(path), Paths.O_NOFOLLOW)) {
            look(folder, path, model);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR) {
                throw e;
            }
        }
    }

    /** Owner, mode, attributes and times as of a file of the layers below. */
    private void look(Fd file, KernelPath path, Found model) throws ErrnoException {
        FileStatus status = model.status();
        Fd source = below.folder(model.layer());
        KernelPath name = LayerPath.forCall(path);
        calls.changeOwner(file, status.uid(), status.gid());
        calls.changeMode(file, status.permissions());
        for (Attribute attribute : LayerAttributes.of(source, name)) {
            Xattrs.set(file, attribute.name(), attribute.value());
        }
        calls.setTimes(file, status.modifiedSeconds(), status.modifiedNanos());
    }

    /** As overlayfs links to a file of a lower layer: it is copied up first. */
    private void link(LayerPath target, LayerPath name) throws ErrnoException {
        try (Fd targetFolder = folder(target.parent());
                Fd nameFolder = folder(name.parent())) {
            FileStatus targetTimes = Descriptors.status(targetFolder);
            FileStatus nameTimes = Descriptors.status(nameFolder);
            if (!isThere(targetFolder, target.name())) {
                copyUp(target, targetFolder);
            }
            try {
                calls.link(targetFolder, target.name(), nameFolder, name.name());
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EEXIST) {
                    throw e; // a later entry has taken the name
                }
            }
            restore(targetFolder, targetTimes);
            restore(nameFolder, nameTimes);
        }
    }

    private void restore(Fd folder, FileStatus times) throws ErrnoException {
        calls.setTimes(folder, times.modifiedSeconds(), times.modifiedNanos());
    }

    private void copyUp(LayerPath target, Fd folder) throws ErrnoException {
        Found found = below.find(target.whole());
        if (found == null || !found.status().is(FileStatus.Type.REGULAR)) {
            throw new Failure.Invalid(
                    "invalid layer: a hard link to \""
                            + target.whole()
                            + "\", which is no file of it nor of the layers below");
        }
        try (Fd parent = below.openFolder(found.layer(), target.parent());
                Fd from = calls.open(parent, target.name(), Paths.O_RDONLY);
                Fd to = calls.create(folder, target.name(), OURS)) {
            var chunk = new byte[CHUNK];
            for (int count = calls.read(from, chunk, 0, CHUNK);
                    count > 0;
                    count = calls.read(from, chunk, 0, CHUNK)) {
                calls.write(to, chunk, 0, count);
            }
            look(to, target.whole(), found);
        }
    }

    /** A folder of the layer, made like that below where it is missing. */
    private Fd folder(KernelPath path) throws ErrnoException {
        try {
            return calls.openFolderInRoot(layer, LayerPath.forCall(path), 0);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
        LayerPath missing = LayerPath.of(path);
        try (Fd parent = folder(missing.parent())) {
            FileStatus times = Descriptors.status(parent);
            calls.makeFolder(parent, missing.name(), OURS);
            Fd folder = calls.openFolder(parent, missing.name());
            Found model = below.find(path);
            if (model != null && model.isFolder()) {
                look(folder, path, model);
            }
            restore(parent, times);
            return folder;
        }
    }

    private boolean isThere(Fd folder, KernelPath name) throws ErrnoException {
        try {
            calls.status(folder, name);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        calls.close();
    }
}
