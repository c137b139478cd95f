package dev.rung.network.cni;

import java.util.Set;

/** What answers for one type of plugin (CNI specification, section 2 "CNI operations"). */
interface Plugin {
    /** Makes, or changes what was made before. */
    CniResult add(Request request) throws PluginError;

    /** Takes back all that may be there; nothing when there is nothing. */
    void delete(Request request) throws PluginError;

    /** Refuses when something is missing. */
    void check(Request request) throws PluginError;

    /** Takes back what belongs to none of these. */
    void collect(Request request, Set<Attachment.Key> valid) throws PluginError;

    /** Refuses when it could not add now. */
    void status(Request request) throws PluginError;

    /** Gives the kernel its packet rules again, which somebody removed. */
    default void mend(Request request) throws PluginError {}
}
