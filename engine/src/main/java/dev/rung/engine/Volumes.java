package dev.rung.engine;

import dev.rung.domain.ContainerId;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.record.ContainerRecord.MountPoint;
import dev.rung.engine.spec.VolumeName;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** All volumes, by name. */
public final class Volumes {
    private final VolumeFolder folder;
    private final Registry registry;
    private final Supplier<String> names;
    private final Events events;
    private final Clock clock;
    private final Map<String, Volume> byName;

    /** How many containers in the making want each. */
    private final Map<String, Integer> held = new HashMap<>();

    /** The names are those of anonymous volumes. */
    Volumes(
            VolumeFolder folder,
            Registry registry,
            Supplier<String> names,
            Events events,
            Clock clock) {
        this.folder = folder;
        this.registry = registry;
        this.names = names;
        this.events = events;
        this.clock = clock;
        this.byName = folder.readAll();
    }

    /**
     * Makes a volume, or finds the one that is there already.
     *
     * @param name empty: one is made up, and the volume is anonymous
     * @param options of the local driver: type, device, o
     */
    public synchronized Volume create(
            String name, Map<String, String> labels, Map<String, String> options) {
        if (!name.isEmpty()) {
            VolumeName.check(name);
            Volume known = byName.get(name);
            if (known != null) {
                if (!options.isEmpty() && !options.equals(known.options())) {
                    throw new Failure.AlreadyExists(
                            "volume already exists with different options: " + name);
                }
                return known;
            }
        }
        LocalDriver.check(options);
        String own = name.isEmpty() ? names.get() : name;
        var all = new HashMap<>(labels);
        if (name.isEmpty()) {
            all.put(Volume.ANONYMOUS, "");
        }
        var volume =
                new Volume(
                        own,
                        clock.instant(),
                        Map.copyOf(all),
                        Map.copyOf(options),
                        folder.data(own));
        folder.make(volume);
        byName.put(own, volume);
        events.tell("volume", "create", own, Map.of("driver", "local"));
        return volume;
    }

    /** By name. */
    public synchronized List<Volume> list() {
        return List.copyOf(byName.values());
    }

    public synchronized Volume get(String name) {
        Volume volume = byName.get(name);
        if (volume == null) {
            throw new Failure.NotFound("get " + Printable.of(name) + ": no such volume");
        }
        return volume;
    }

    /** The containers that have it, whether they run or not. */
    public List<ContainerId> users(String name) {
        var users = new ArrayList<ContainerId>();
        for (Container container : registry.all()) {
            if (uses(container, name)) {
                users.add(container.id());
            }
        }
        return users;
    }

    private static boolean uses(Container container, String name) {
        for (MountPoint point : container.record().mounts()) {
            if (point.type().equals("volume") && point.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** Removes one that no container has, with all that is in it. WrongState when one has it. */
    public synchronized void remove(String name) {
        Volume volume = get(name);
        List<ContainerId> users = users(name);
        if (!users.isEmpty() || held.containsKey(name)) {
            throw new Failure.WrongState("remove " + name + ": volume is in use - " + users);
        }
        if (volume.isMounted()) {
            LocalDriver.unmount(volume);
        }
        folder.remove(name);
        byName.remove(name);
        events.tell("volume", "destroy", name, Map.of("driver", "local"));
    }

    /** What it takes on the disk in bytes; what is mounted there does not count. */
    public long size(Volume volume) {
        return volume.isMounted() ? 0 : DiskUse.of(volume.data());
    }

    /** A volume that a container in the making will have: it is not removed meanwhile. */
    synchronized Volume hold(String name, Map<String, String> labels, Map<String, String> options) {
        Volume volume = create(name, labels, options);
        held.merge(volume.name(), 1, Integer::sum);
        return volume;
    }

    /** The container that they were held for is made, or never will be. */
    synchronized void letGo(List<MountPoint> points) {
        for (MountPoint point : points) {
            if (point.type().equals("volume")) {
                held.computeIfPresent(point.name(), (_, count) -> count == 1 ? null : count - 1);
            }
        }
    }

    /** Removes those that nobody gave a name and no container has. */
    void removeAnonymous(List<MountPoint> points) {
        for (MountPoint point : points) {
            if (!point.type().equals("volume")) {
                continue;
            }
            try {
                if (get(point.name()).isAnonymous()) {
                    remove(point.name());
                }
            } catch (Failure.NotFound | Failure.WrongState _) {
                // gone already, or another container has it too
            }
        }
    }

    /** Mounts what is to be seen in it, where that is not its folder itself. */
    synchronized Volume mounted(String name) {
        Volume volume = get(name);
        if (volume.isMounted()) {
            LocalDriver.mount(volume);
        }
        return volume;
    }

    /** Takes the mount away unless a container that runs has it. */
    synchronized void unused(String name, ContainerId former) {
        Volume volume = byName.get(name);
        if (volume == null || !volume.isMounted() || held.containsKey(name)) {
            return;
        }
        for (Container container : registry.all()) {
            boolean busy = container.phase().runs() && !container.id().equals(former);
            if (busy && uses(container, name)) {
                return;
            }
        }
        LocalDriver.unmount(volume);
    }
}
