package dev.rung.host.compile;

import static dev.rung.program.FileStep.O_WRONLY;

import dev.rung.isolation.HostDescription;
import dev.rung.oci.IdMapping;
import dev.rung.program.Bytes;
import dev.rung.program.ControlStep.Decimal;
import dev.rung.program.ControlStep.Spawn;
import dev.rung.program.Hole;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import dev.rung.program.Text;
import java.util.ArrayList;
import java.util.List;

/**
 * The ids of a new user namespace (user_namespaces(7)), written by the front end: directly where it
 * may, else by newuidmap(1) and newgidmap(1), which know what the caller's user was given in
 * /etc/subuid.
 */
final class UserMapping {
    private static final String NEWUIDMAP = "/usr/bin/newuidmap";
    private static final String NEWGIDMAP = "/usr/bin/newgidmap";

    private static final long ALL_IDS = 0xffffffffL;

    private UserMapping() {}

    /**
     * @param process /proc/PID of a process in the namespace
     * @param pid the same
     */
    static void write(ContainerPlan plan, Script s, Slot process, Slot pid) {
        HostDescription.Caller caller = plan.host().caller();
        List<IdMapping> uids = plan.linux().uidMappings();
        List<IdMapping> gids = plan.linux().gidMappings();
        if (uids.isEmpty() && gids.isEmpty()) {
            uids = own(caller, caller.uid());
            gids = own(caller, caller.gid());
        }
        boolean mayMap = Checks.mayMap(plan.host());
        boolean uidTool = !mayMap && !isOnly(uids, plan.host().caller().uid());
        boolean gidTool = !mayMap && !isOnly(gids, plan.host().caller().gid());
        if (!mayMap && !gidTool) {
            s.at("linux.gidMappings", "failed to write 'deny' to /proc/pid/setgroups");
            file(s, process, "setgroups", "deny");
        }
        s.at("linux.gidMappings", "failed to update /proc/pid/gid_map");
        map(s, process, pid, "gid_map", gids, gidTool ? NEWGIDMAP : "");
        s.at("linux.uidMappings", "failed to update /proc/pid/uid_map");
        map(s, process, pid, "uid_map", uids, uidTool ? NEWUIDMAP : "");
    }

    /**
     * Without mappings, as crun: all ids as they are where the caller may, else its own as root.
     */
    private static List<IdMapping> own(HostDescription.Caller caller, long id) {
        boolean all = caller.uid() == 0 && caller.initialUserNamespace();
        return List.of(all ? new IdMapping(0, 0, ALL_IDS) : new IdMapping(0, id, 1));
    }

    private static boolean isOnly(List<IdMapping> mappings, long id) {
        return mappings.size() == 1
                && mappings.get(0).size() == 1
                && mappings.get(0).hostId() == id;
    }

    private static void map(
            Script s, Slot process, Slot pid, String name, List<IdMapping> mappings, String tool) {
        if (mappings.isEmpty()) {
            return;
        }
        if (tool.isEmpty()) {
            file(s, process, name, text(mappings));
            return;
        }
        Hole digits = s.hole(Hole.DIGITS);
        s.add(new Decimal(pid, digits, 0));
        var argv = new ArrayList<Text>(3 * mappings.size() + 2);
        argv.add(Text.of(tool));
        argv.add(digits);
        for (int i = 0; i < mappings.size(); i++) {
            IdMapping mapping = mappings.get(i);
            argv.add(Text.of(Long.toString(mapping.containerId())));
            argv.add(Text.of(Long.toString(mapping.hostId())));
            argv.add(Text.of(Long.toString(mapping.size())));
        }
        s.add(new Spawn(Text.of(tool), argv, List.of(), Bytes.NONE, 0));
    }

    static void file(Script s, Operand process, String name, String text) {
        Slot file = s.openat(name, process, name, O_WRONLY, 0);
        s.write(file, text);
        s.close(file);
    }

    /** One line for each run of ids. */
    static String text(List<IdMapping> mappings) {
        var text = new StringBuilder(32 * mappings.size());
        for (int i = 0; i < mappings.size(); i++) {
            IdMapping mapping = mappings.get(i);
            text.append(mapping.containerId())
                    .append(' ')
                    .append(mapping.hostId())
                    .append(' ')
                    .append(mapping.size())
                    .append('\n');
        }
        return text.toString();
    }
}
