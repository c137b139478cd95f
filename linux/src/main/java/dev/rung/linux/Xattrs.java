package dev.rung.linux;

import dev.rung.domain.Errno;
import dev.rung.domain.KernelPath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Extended attributes (xattr(7)): of an open file, or of a name below an open folder, for what
 * cannot be opened: links, devices, fifos. Those are reached through /proc/self/fd, so /proc must
 * be there.
 */
public final class Xattrs {
    private static final int MOST_BYTES = 64 * 1024; // XATTR_SIZE_MAX, XATTR_LIST_MAX

    private Xattrs() {}

    /** fsetxattr(2). EOPNOTSUPP when the file system has none of that kind. */
    public static void set(Fd file, KernelPath attribute, byte[] value) throws ErrnoException {
        try (var memory = new Memory(attribute.length() + 1 + value.length)) {
            long name = memory.put(0, attribute.toBytes());
            int start = attribute.length() + 1;
            memory.bytes().put(start, value);
            Calls.FSETXATTR.call(
                    memory, attribute, file.number(), name, memory.at(start), value.length, 0);
        }
    }

    /** flistxattr(2); none where the file system has no attributes. */
    public static List<KernelPath> list(Fd file) throws ErrnoException {
        try (var memory = new Memory(MOST_BYTES)) {
            int length =
                    (int)
                            Calls.FLISTXATTR.callLong(
                                    memory, file, file.number(), memory.at(0), MOST_BYTES);
            var all = new byte[length];
            memory.bytes().get(0, all);
            return split(all);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EOPNOTSUPP) {
                return List.of();
            }
            throw e;
        }
    }

    /** fgetxattr(2). ENODATA when it has no such attribute. */
    public static byte[] get(Fd file, KernelPath attribute) throws ErrnoException {
        try (var memory = new Memory(MOST_BYTES + attribute.length() + 1)) {
            long called = memory.put(MOST_BYTES, attribute.toBytes());
            int length =
                    (int)
                            Calls.FGETXATTR.callLong(
                                    memory,
                                    attribute,
                                    file.number(),
                                    called,
                                    memory.at(0),
                                    MOST_BYTES);
            var value = new byte[length];
            memory.bytes().get(0, value);
            return value;
        }
    }

    /** lsetxattr(2) of the name itself. */
    public static void set(Fd folder, KernelPath name, KernelPath attribute, byte[] value)
            throws ErrnoException {
        byte[] path = path(folder, name);
        int attributeAt = path.length + 1;
        int valueAt = attributeAt + attribute.length() + 1;
        try (var memory = new Memory(valueAt + value.length)) {
            long at = memory.put(0, path);
            long called = memory.put(attributeAt, attribute.toBytes());
            memory.bytes().put(valueAt, value);
            Calls.LSETXATTR.call(
                    memory, attribute, at, called, memory.at(valueAt), value.length, 0);
        }
    }

    /** llistxattr(2) of the name itself; none where the file system has no attributes. */
    public static List<KernelPath> list(Fd folder, KernelPath name) throws ErrnoException {
        byte[] path = path(folder, name);
        try (var memory = new Memory(MOST_BYTES + path.length + 1)) {
            long at = memory.put(MOST_BYTES, path);
            int length =
                    (int) Calls.LLISTXATTR.callLong(memory, name, at, memory.at(0), MOST_BYTES);
            var all = new byte[length];
            memory.bytes().get(0, all);
            return split(all);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EOPNOTSUPP) {
                return List.of();
            }
            throw e;
        }
    }

    /** lgetxattr(2) of the name itself. ENODATA when it has no such attribute. */
    public static byte[] get(Fd folder, KernelPath name, KernelPath attribute)
            throws ErrnoException {
        byte[] path = path(folder, name);
        int attributeAt = MOST_BYTES + path.length + 1;
        try (var memory = new Memory(attributeAt + attribute.length() + 1)) {
            long at = memory.put(MOST_BYTES, path);
            long called = memory.put(attributeAt, attribute.toBytes());
            int length =
                    (int)
                            Calls.LGETXATTR.callLong(
                                    memory, attribute, at, called, memory.at(0), MOST_BYTES);
            var value = new byte[length];
            memory.bytes().get(0, value);
            return value;
        }
    }

    private static List<KernelPath> split(byte[] all) {
        var names = new ArrayList<KernelPath>();
        int start = 0;
        for (int i = 0; i < all.length; i++) {
            if (all[i] == 0) {
                names.add(KernelPath.of(Arrays.copyOfRange(all, start, i)));
                start = i + 1;
            }
        }
        return names;
    }

    private static byte[] path(Fd folder, KernelPath name) {
        byte[] prefix = KernelPath.of("/proc/self/fd/" + folder.number() + "/").toBytes();
        byte[] path = Arrays.copyOf(prefix, prefix.length + name.length());
        System.arraycopy(name.toBytes(), 0, path, prefix.length, name.length());
        return path;
    }

    private static final class Calls {
        static final Function FSETXATTR = new Function("fsetxattr");
        static final Function FLISTXATTR = new Function("flistxattr");
        static final Function FGETXATTR = new Function("fgetxattr");
        static final Function LSETXATTR = new Function("lsetxattr");
        static final Function LLISTXATTR = new Function("llistxattr");
        static final Function LGETXATTR = new Function("lgetxattr");
    }
}
