package dev.rung.host.cgroup;

/**
 * One line to write into one file of a cgroup.
 *
 * @param controller version 1: the controller whose hierarchy has the file
 * @param file name in the cgroup's folder
 * @param key of config.json that asks for it
 * @param lenience what is no error when it is written
 */
record Setting(String controller, String file, String value, String key, Lenience lenience) {

    /** What is no error. */
    enum Lenience {
        NONE,
        /** The kernel lacks the file, and nothing is lost by that. */
        MISSING,
        /** The value does not fit beside another that follows; it is written again after that. */
        EARLY,
        /**
         * The kernel lacks the file: then, and only then, the next setting is written in its place.
         */
        ELSE_NEXT
    }

    static Setting of(String controller, String file, String value, String key) {
        return new Setting(controller, file, value, key, Lenience.NONE);
    }

    Setting with(Lenience other) {
        return new Setting(controller, file, value, key, other);
    }
}
