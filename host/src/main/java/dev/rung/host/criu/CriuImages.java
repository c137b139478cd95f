package dev.rung.host.criu;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What criu's images (criu's images/*.proto) say of the rights that processes get by a restore, and
 * of the mounts that they see. Of each image that criu might open by its name, whether it does or
 * not; and read so that what stands here is what criu finds: nothing that it looks at may be there
 * twice.
 *
 * @param outside the namespaces of criu itself at the dump: a process that is in one of them is in
 *     that of criu after the restore
 */
public record CriuImages(
        Namespaces outside,
        List<Namespaces> namespaces,
        List<Task> threads,
        List<Mount> mounts,
        CriuCgroups cgroups) {
    private static final int COMMON = 0x54564319;
    private static final int INVENTORY = 0x58313116;
    private static final int CORE = 0x55053847;
    private static final int IDS = 0x54432030;
    private static final int MOUNTS = 0x55563928;
    private static final int LONGEST = 8 << 20; // bytes
    private static final int VERSION = 2; // criu 1.6
    private static final int ENDED = 2;
    private static final Pattern NAME = Pattern.compile("(core|ids|mountpoints)-[0-9]+\\.img");

    /**
     * Namespaces of a process by arbitrary numbers.
     *
     * @param image that says so
     */
    public record Namespaces(
            String image, long pid, long network, long ipc, long uts, long mount, long user) {}

    /**
     * A thread.
     *
     * @param image that says so
     * @param rights null: it has ended, and waits to be asked for
     */
    public record Task(String image, @Nullable Rights rights) {}

    /**
     * Of a thread.
     *
     * @param users the real, effective, saved one, and that for files
     * @param groups the same
     * @param additional groups
     * @param filtered whether its system calls are
     */
    public record Rights(
            List<Long> users,
            List<Long> groups,
            List<Long> additional,
            long inheritable,
            long permitted,
            long effective,
            long bounding,
            long ambient,
            boolean noNewPrivileges,
            boolean filtered) {}

    /**
     * A mount.
     *
     * @param image that says so
     * @param parent the id of what it is mounted on
     * @param kind a number of criu's
     * @param flags as MS_RDONLY
     * @param root what of the file system is seen
     * @param key of what is given at the restore; empty: criu mounts a file system of its kind
     */
    public record Mount(
            String image,
            long id,
            long parent,
            int kind,
            long flags,
            String root,
            String place,
            String key) {
        /** Kinds of file systems of which there is one, whoever mounts it. */
        public static final int PROC = 1;

        public static final int SYSFS = 2;
        public static final int TMPFS = 5;
        public static final int DEVPTS = 6;
        public static final int CGROUP = 12;
        public static final int MQUEUE = 14;
        public static final int CGROUP2 = 23;

        private static final int MS_RDONLY = 1;

        public boolean isReadOnly() {
            return (flags & MS_RDONLY) != 0;
        }
    }

    /** Reads them. Invalid for what is none of criu's, with the image's name. */
    public static CriuImages read(Path folder) {
        var names = new TreeSet<String>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path file : all) {
                String name = file.getFileName().toString();
                if (NAME.matcher(name).matches()) {
                    names.add(name);
                }
            }
            var namespaces = new ArrayList<Namespaces>();
            var threads = new ArrayList<Task>();
            var mounts = new ArrayList<Mount>();
            for (String name : names) {
                switch (name.charAt(0)) {
                    case 'c' -> thread(folder, name, threads, namespaces);
                    case 'i' -> namespaces.add(namespaces(name, one(folder, name, IDS)));
                    default -> {
                        for (MessageReader mount : messages(folder, name, MOUNTS)) {
                            mounts.add(mount(name, mount));
                        }
                    }
                }
            }
            return new CriuImages(
                    outside(folder), namespaces, threads, mounts, CriuCgroups.read(folder));
        } catch (IOException e) {
            throw new Failure.HostRefused("read a checkpoint: " + e.getMessage(), e);
        }
    }

    private static Failure nonsense(String image) {
        return new Failure.Invalid(
                "the checkpoint's " + Printable.of(image) + " is no image of criu's");
    }

    private static MessageReader one(Path folder, String image, int magic) throws IOException {
        List<MessageReader> all = messages(folder, image, magic);
        if (all.size() != 1) {
            throw nonsense(image);
        }
        return all.getFirst();
    }

    /** Each after its length; before them stands what they are. */
    static List<MessageReader> messages(Path folder, String image, int magic) throws IOException {
        Path file = folder.resolve(image);
        if (Files.size(file) > LONGEST) {
            throw nonsense(image);
        }
        Supplier<Failure> nonsense = () -> nonsense(image);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (magic != INVENTORY && (bytes.remaining() < 4 || bytes.getInt() != COMMON)
                || bytes.remaining() < 4
                || bytes.getInt() != magic) {
            throw nonsense(image);
        }
        var messages = new ArrayList<MessageReader>();
        while (bytes.hasRemaining()) {
            int length = bytes.remaining() < 4 ? -1 : bytes.getInt();
            if (length < 0 || length > bytes.remaining()) {
                throw nonsense(image);
            }
            messages.add(new MessageReader(bytes.slice(bytes.position(), length), nonsense));
            bytes.position(bytes.position() + length);
        }
        return messages;
    }

    private static Namespaces outside(Path folder) throws IOException {
        String image = "inventory.img";
        MessageReader inventory = one(folder, image, INVENTORY);
        Namespaces outside = null;
        long version = 0;
        while (inventory.next()) {
            switch (inventory.field()) {
                case 1 -> version = inventory.once().number32();
                case 3 -> outside = namespaces(image, inventory.once().message());
                default -> {} // nothing of rights
            }
        }
        if (outside == null || version < VERSION) {
            throw nonsense(image);
        }
        return outside;
    }

    private static Namespaces namespaces(String image, MessageReader ids) {
        var all = new long[13];
        while (ids.next()) {
            if (ids.field() < all.length) {
                all[ids.field()] = ids.once().number32();
            }
        }
        return new Namespaces(image, all[5], all[6], all[7], all[8], all[9], all[10]);
    }

    private static void thread(
            Path folder, String image, List<Task> threads, List<Namespaces> namespaces)
            throws IOException {
        MessageReader core = one(folder, image, CORE);
        Rights rights = null;
        boolean ended = false;
        boolean there = false;
        while (core.next()) {
            switch (core.field()) {
                case 3 -> ended = ended(core.once().message());
                case 4 -> namespaces.add(namespaces(image, core.once().message()));
                case 5 -> {
                    there = true;
                    rights = rights(core.once().message());
                }
                default -> {} // of its registers
            }
        }
        if (rights == null && (there || !ended)) {
            throw new Failure.Invalid(
                    "the checkpoint's " + Printable.of(image) + " tells of no credentials");
        }
        threads.add(new Task(image, rights));
    }

    private static boolean ended(MessageReader task) {
        long state = 0;
        while (task.next()) {
            if (task.field() == 1) {
                state = task.once().number32();
            }
        }
        return state == ENDED;
    }

    private static @Nullable Rights rights(MessageReader thread) {
        MessageReader credentials = null;
        boolean filtered = false;
        while (thread.next()) {
            switch (thread.field()) {
                case 10 -> credentials = thread.once().message();
                case 11 -> filtered = thread.once().number32() == 2; // SECCOMP_MODE_FILTER
                default -> {} // how it is scheduled
            }
        }
        return credentials == null ? null : rights(credentials, filtered);
    }

    private static Rights rights(MessageReader credentials, boolean filtered) {
        var users = new ArrayList<Long>();
        var groups = new ArrayList<Long>();
        var additional = new ArrayList<Long>();
        var words = new ArrayList<List<Long>>();
        for (int i = 0; i < 5; i++) {
            words.add(new ArrayList<>());
        }
        boolean noNewPrivileges = false;
        while (credentials.next()) {
            switch (credentials.field()) {
                case 1, 3, 5, 7 -> users.add(credentials.once().number32());
                case 2, 4, 6, 8 -> groups.add(credentials.once().number32());
                case 9, 10, 11, 12 ->
                        words.get(credentials.field() - 9).addAll(credentials.numbers32());
                case 14 -> additional.addAll(credentials.numbers32());
                case 18 -> noNewPrivileges = credentials.once().number32() != 0;
                case 19 -> words.get(4).addAll(credentials.numbers32());
                default -> {} // secure bits, which give nothing, and labels of a security module
            }
        }
        return new Rights(
                users,
                groups,
                additional,
                mask(words.get(0)),
                mask(words.get(1)),
                mask(words.get(2)),
                mask(words.get(3)),
                mask(words.get(4)),
                noNewPrivileges,
                filtered);
    }

    /** Of words of 32 bits, the lowest first; what no kernel has counts as all. */
    private static long mask(List<Long> words) {
        long mask = 0;
        for (int i = 0; i < words.size(); i++) {
            mask |= i < 2 ? words.get(i) << 32 * i : words.get(i) == 0 ? 0 : -1;
        }
        return mask;
    }

    private static Mount mount(String image, MessageReader mount) {
        long id = 0;
        long parent = 0;
        long kind = 0;
        long flags = 0;
        String root = "";
        String place = "";
        String key = "";
        boolean outside = false;
        while (mount.next()) {
            switch (mount.field()) {
                case 1 -> kind = mount.once().number32();
                case 2 -> id = mount.once().number32();
                case 4 -> parent = mount.once().number32();
                case 5 -> flags = mount.once().number32();
                case 6 -> root = mount.once().text();
                case 7 -> place = mount.once().text();
                case 13 -> outside = mount.once().number() != 0;
                case 18 -> key = mount.once().text();
                default -> {} // how it is shared, and its options
            }
        }
        if (outside && key.isEmpty()) {
            throw nonsense(image); // of criu before 2.0
        }
        return new Mount(image, id, parent, (int) kind, flags, root, place, key);
    }
}
