package dev.rung.engine.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * What containers get that do not ask for something else.
 *
 * @param ulimits each for containers that do not limit the same
 * @param cgroupParent empty: the engine's own
 * @param shmSize of /dev/shm in bytes
 */
public record HostDefaults(
        LogOptions log,
        List<Ulimit> ulimits,
        String cgroupParent,
        long shmSize,
        boolean init,
        List<String> dns,
        List<String> dnsOptions,
        List<String> dnsSearch) {
    public static final HostDefaults USUAL =
            new HostDefaults(
                    LogOptions.DEFAULT,
                    List.of(),
                    "",
                    64 << 20,
                    false,
                    List.of(),
                    List.of(),
                    List.of());

    /**
     * The same with what was not asked for.
     *
     * @param runtime the name of the one that it runs with
     */
    public HostOptions complete(HostOptions asked, String runtime) {
        return asked.settled(
                log(asked.log()),
                asked.dns().isEmpty() ? dns : asked.dns(),
                asked.dnsOptions().isEmpty() ? dnsOptions : asked.dnsOptions(),
                asked.dnsSearch().isEmpty() ? dnsSearch : asked.dnsSearch(),
                asked.shmSize() == 0 ? shmSize : asked.shmSize(),
                runtime,
                limits(asked.ulimits()),
                asked.init() || init,
                asked.cgroupParent().isEmpty() ? cgroupParent : asked.cgroupParent());
    }

    /** As dockerd's: its options are those of its own driver, and of the cache of any. */
    private LogOptions log(LogOptions asked) {
        boolean same = asked.driver().isEmpty() || asked.driver().equals(log.driver());
        var options = new LinkedHashMap<String, String>(same ? log.options() : log.cacheOptions());
        options.putAll(asked.options());
        return new LogOptions(same ? log.driver() : asked.driver(), options).checked();
    }

    private List<Ulimit> limits(List<Ulimit> asked) {
        var all = new ArrayList<Ulimit>(asked);
        for (Ulimit usual : ulimits) {
            if (asked.stream().noneMatch(each -> each.name().equals(usual.name()))) {
                all.add(usual);
            }
        }
        return List.copyOf(all);
    }
}
