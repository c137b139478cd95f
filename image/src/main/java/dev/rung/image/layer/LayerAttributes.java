package dev.rung.image.layer;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.layer.LayerUnpacker.Ownership;
import dev.rung.image.tar.TarEntry;
import dev.rung.image.tar.TarEntry.Attribute;
import dev.rung.image.tar.TarEntry.Kind;
import dev.rung.image.tar.TarEntry.Time;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FileCalls;
import dev.rung.linux.IdMap;
import dev.rung.linux.Identity;
import dev.rung.linux.Xattrs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Owner, mode, extended attributes and times of what a layer has, in the order that keeps all. */
final class LayerAttributes {
    private static final long LAST_SECOND = 1L << 34; // what ext4 can store, in the year 2514

    private final FileCalls calls;
    private final boolean keepsOwners;
    private final boolean weAreRoot = Identity.effectiveUid() == 0;
    private final IdMap users = IdMap.ofUsers();

    LayerAttributes(FileCalls calls, Ownership ownership) {
        this.calls = calls;
        this.keepsOwners = ownership == Ownership.RECORDED;
    }

    boolean keepsOwners() {
        return keepsOwners;
    }

    /** No user namespace but the machine's own may make them. */
    boolean makesDevices() {
        return keepsOwners && users.isWhole();
    }

    /** A change of owner. */
    private interface Change {
        void make() throws ErrnoException;
    }

    private void owned(TarEntry entry, Change change) throws ErrnoException {
        try {
            change.make();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINVAL && !users.isWhole()) {
                throw new Failure.Denied(
                        "\"%s\" belongs to %d:%d, but this user has only the ids below %d: see /etc/subuid and /etc/subgid"
                                .formatted(entry.name(), entry.uid(), entry.gid(), users.count()));
            }
            throw e;
        }
    }

    void ofFile(Fd file, TarEntry entry) throws ErrnoException {
        if (ownerDiffers(entry)) {
            owned(entry, () -> calls.changeOwner(file, entry.uid(), entry.gid()));
        }
        calls.changeMode(file, entry.mode());
        setAttributes(file, entry);
        Time time = possible(entry.modified());
        calls.setTimes(file, time.seconds(), time.nanos());
    }

    void ofFolder(Fd folder, TarEntry entry) throws ErrnoException {
        if (ownerDiffers(entry)) {
            owned(entry, () -> calls.changeOwner(folder, entry.uid(), entry.gid()));
        }
        calls.changeMode(folder, entry.mode());
        setAttributes(folder, entry);
        Time time = possible(entry.modified());
        calls.setTimes(folder, time.seconds(), time.nanos());
    }

    void ofLink(Fd folder, KernelPath name, TarEntry entry) throws ErrnoException {
        if (ownerDiffers(entry)) {
            owned(entry, () -> calls.changeOwner(folder, name, entry.uid(), entry.gid()));
        }
        finish(folder, name, entry);
    }

    void ofNode(Fd folder, KernelPath name, TarEntry entry) throws ErrnoException {
        if (ownerDiffers(entry)) {
            owned(entry, () -> calls.changeOwner(folder, name, entry.uid(), entry.gid()));
        }
        calls.changeMode(folder, name, entry.mode());
        finish(folder, name, entry);
    }

    private void finish(Fd folder, KernelPath name, TarEntry entry) throws ErrnoException {
        for (Attribute attribute : entry.attributes()) {
            if (isTaken(attribute.name())) {
                try {
                    Xattrs.set(folder, name, attribute.name(), attribute.value());
                } catch (ErrnoException e) {
                    mayBeLeftOut(attribute.name(), entry.kind(), e);
                }
            }
        }
        Time time = possible(entry.modified());
        calls.setTimes(folder, name, time.seconds(), time.nanos());
    }

    private void setAttributes(Fd file, TarEntry entry) throws ErrnoException {
        for (Attribute attribute : entry.attributes()) {
            if (isTaken(attribute.name())) {
                try {
                    Xattrs.set(file, attribute.name(), attribute.value());
                } catch (ErrnoException e) {
                    mayBeLeftOut(attribute.name(), entry.kind(), e);
                }
            }
        }
    }

    /** What we made is root's when we are root. */
    private boolean ownerDiffers(TarEntry entry) {
        return keepsOwners && !(weAreRoot && entry.uid() == 0 && entry.gid() == 0);
    }

    /**
     * Users' own attributes, ACLs and file capabilities. Not taken: what overlayfs marks its
     * folders with, by which a layer could reach files of the host; labels of the host's security
     * modules; and the other trusted ones, which are the host administrator's.
     */
    private static boolean isTaken(KernelPath attribute) {
        String name = attribute.toString();
        return name.startsWith("user.") && !name.startsWith("user.overlay.")
                || name.equals("security.capability")
                || name.equals("system.posix_acl_access")
                || name.equals("system.posix_acl_default");
    }

    /** Those of the kinds that are taken, of a name below a folder. */
    static List<Attribute> of(Fd folder, KernelPath name) throws ErrnoException {
        var attributes = new ArrayList<Attribute>();
        for (KernelPath attribute : Xattrs.list(folder, name)) {
            if (isTaken(attribute)) {
                try {
                    attributes.add(new Attribute(attribute, Xattrs.get(folder, name, attribute)));
                } catch (ErrnoException e) {
                    if (e.errno() != Errno.ENODATA) {
                        throw e;
                    }
                }
            }
        }
        attributes.sort(Comparator.comparing(Attribute::name));
        return attributes;
    }

    static boolean areSame(Fd folder, KernelPath name, Fd otherFolder, KernelPath otherName)
            throws ErrnoException {
        List<Attribute> mine = of(folder, name);
        List<Attribute> others = of(otherFolder, otherName);
        boolean same = mine.size() == others.size();
        for (int i = 0; same && i < mine.size(); i++) {
            same =
                    mine.get(i).name().equals(others.get(i).name())
                            && Arrays.equals(mine.get(i).value(), others.get(i).value());
        }
        return same;
    }

    /** Where the file system has none of the kind the file is still good, without rights too. */
    private void mayBeLeftOut(KernelPath attribute, Kind kind, ErrnoException e)
            throws ErrnoException {
        boolean impossible = e.errno() == Errno.EOPNOTSUPP;
        boolean onNoFile = e.errno() == Errno.EPERM && kind != Kind.FILE && kind != Kind.FOLDER;
        boolean forbidden = e.errno() == Errno.EPERM && !keepsOwners;
        if (!impossible && !onNoFile && !forbidden) {
            throw new ErrnoException("setxattr " + attribute, "", e.errno());
        }
    }

    /** A time that no file system stores becomes 1970, as with Docker. */
    private static Time possible(Time time) {
        return time.seconds() < 0 || time.seconds() > LAST_SECOND ? Time.EPOCH : time;
    }
}
