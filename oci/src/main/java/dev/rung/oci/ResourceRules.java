package dev.rung.oci;

import static dev.rung.oci.Complaint.entry;
import static dev.rung.oci.Complaint.quoted;

import dev.rung.oci.Resources.HugepageLimit;
import dev.rung.oci.Resources.InterfacePriority;
import dev.rung.oci.Resources.Rdma;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of resources on every host. Names that become part of a file's name or of a line
 * that is written must not lead elsewhere.
 */
final class ResourceRules {
    private ResourceRules() {}

    static void check(Complaint complaint, Resources resources, List<String> warnings) {
        Long swappiness = resources.memory().swappiness();
        if (swappiness != null && (swappiness < 0 || swappiness > 100)) {
            throw complaint.at(
                    "memory.swappiness",
                    "invalid memory swappiness value: "
                            + Long.toUnsignedString(swappiness)
                            + " (valid range is 0-100)");
        }
        if (resources.memory().kernel() != null || resources.memory().kernelTcp() != null) {
            warnings.add(
                    complaint.note(
                            "memory", "Kernel memory settings are ignored and will be removed"));
        }
        checkList(complaint, "cpu.cpus", resources.cpu().cpus());
        checkList(complaint, "cpu.mems", resources.cpu().mems());
        List<HugepageLimit> hugepages = resources.hugepageLimits();
        for (int i = 0; i < hugepages.size(); i++) {
            if (!isPageSize(hugepages.get(i).pageSize())) {
                throw complaint.at(
                        "hugepageLimits",
                        i,
                        "want a pageSize such as 2MB, got " + quoted(hugepages.get(i).pageSize()));
            }
        }
        List<InterfacePriority> priorities = resources.network().priorities();
        for (int i = 0; i < priorities.size(); i++) {
            if (!isOneWord(priorities.get(i).name())) {
                throw complaint.at(
                        "network.priorities",
                        i,
                        "want the name of an interface, got " + quoted(priorities.get(i).name()));
            }
        }
        for (Map.Entry<String, Rdma> rdma : resources.rdma().entrySet()) {
            if (!isOneWord(rdma.getKey())) {
                throw complaint.at(entry("rdma", rdma.getKey()), "want the name of a device");
            }
            if (rdma.getValue().hcaHandles() == null && rdma.getValue().hcaObjects() == null) {
                throw complaint.at(
                        entry("rdma", rdma.getKey()),
                        "want at least one of hcaHandles and hcaObjects");
            }
        }
        for (String name : resources.unified().keySet()) {
            if (name.indexOf('/') >= 0) {
                throw complaint.at(
                        entry("unified", name),
                        "unified resource " + quoted(name) + " must be a file name (no slashes)");
            }
            if (name.indexOf('.') <= 0) {
                throw complaint.at(
                        entry("unified", name),
                        "unified resource "
                                + quoted(name)
                                + " must be in the form CONTROLLER.PARAMETER");
            }
        }
    }

    /** The kernel reads the list; here only one line of its letters. */
    private static void checkList(Complaint complaint, String key, @Nullable String list) {
        if (list == null) {
            return;
        }
        for (int i = 0; i < list.length(); i++) {
            if ("0123456789-,:/ \n".indexOf(list.charAt(i)) < 0) {
                throw complaint.at(key, "want a list such as 0-3,7, got " + quoted(list));
            }
        }
    }

    private static boolean isPageSize(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80 || !Character.isLetterOrDigit(c)) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean isOneWord(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) <= ' ') {
                return false;
            }
        }
        return !text.isEmpty();
    }
}
