package dev.rung.host.cgroup;

/** Whether a container is frozen, as its cgroup says. */
public final class CgroupFreezer {
    private CgroupFreezer() {}

    /** What there is to read. */
    public enum State {
        /** No freezer, or the cgroup is gone. */
        NONE,
        THAWED,
        FREEZING,
        FROZEN
    }

    public static State state(ContainerCgroups cgroups, CgroupFiles files) {
        for (var directory : cgroups.directories()) {
            if (cgroups.isUnified()) {
                return unified(directory.path(), files);
            }
            if (directory.has("freezer")) {
                String text = files.read(directory.path() + "/freezer.state");
                return text == null
                        ? State.NONE
                        : switch (text.strip()) {
                            case "FROZEN" -> State.FROZEN;
                            case "FREEZING" -> State.FREEZING;
                            default -> State.THAWED;
                        };
            }
        }
        return State.NONE;
    }

    private static State unified(String path, CgroupFiles files) {
        String wanted = files.read(path + "/cgroup.freeze");
        if (wanted == null) {
            return State.NONE;
        }
        if (!wanted.startsWith("1")) {
            return State.THAWED;
        }
        String events = files.read(path + "/cgroup.events");
        return events != null && events.contains("frozen 1") ? State.FROZEN : State.FREEZING;
    }
}
