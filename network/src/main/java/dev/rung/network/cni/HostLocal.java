package dev.rung.network.cni;

import dev.rung.network.machine.StateFile;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonObject;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The plugin host-local: gives addresses of ranges that a file remembers, each set of ranges in
 * turn, so that an address that was given up is the last to be given again.
 */
final class HostLocal implements Plugins.BuiltIn {
    /** What the configuration says. */
    private record Wishes(
            String dataFolder, List<List<AddressRange>> sets, Set<InetAddress> asked) {}

    private static Wishes wishes(Request request) throws PluginError {
        JsonFields ipam = ipam(request);
        var sets = new ArrayList<List<AddressRange>>();
        JsonFields runtime = request.runtimeConfig();
        if (runtime != null) {
            sets.addAll(sets(request, runtime.json().get("ipRanges")));
        }
        if (ipam.has("subnet")) {
            sets.add(List.of(AddressRange.read(ipam)));
        }
        sets.addAll(sets(request, ipam.json().get("ranges")));
        if (sets.isEmpty()) {
            throw invalid("no IP ranges specified");
        }
        check(sets);
        var asked = new LinkedHashSet<InetAddress>();
        String argument = request.argument("IP");
        if (!argument.isEmpty()) {
            asked.add(IpText.parse(argument));
        }
        JsonFields args = request.cniArguments();
        if (args != null) {
            args.texts("ips").forEach(ip -> asked.add(IpText.parse(ip)));
        }
        if (runtime != null) {
            runtime.texts("ips").forEach(ip -> asked.add(IpText.parse(ip)));
        }
        return new Wishes(ResultJson.text(ipam, "dataDir"), sets, asked);
    }

    private static JsonFields ipam(Request request) throws PluginError {
        JsonFields ipam = request.conf().optionalObject("ipam");
        if (ipam == null) {
            throw invalid("IPAM config missing 'ipam' key");
        }
        return ipam;
    }

    private static PluginError invalid(String message) {
        return new PluginError(PluginError.INVALID_CONFIGURATION, message, "");
    }

    private static List<List<AddressRange>> sets(Request request, @Nullable Json json)
            throws PluginError {
        var sets = new ArrayList<List<AddressRange>>();
        if (json instanceof JsonArray all) {
            for (Json set : all.values()) {
                var ranges = new ArrayList<AddressRange>();
                for (Json range : set instanceof JsonArray one ? one.values() : List.<Json>of()) {
                    if (range instanceof JsonObject fields) {
                        String name = "addresses of network \"%s\"".formatted(request.network());
                        ranges.add(AddressRange.read(JsonFields.of(name, fields)));
                    }
                }
                if (ranges.isEmpty()) {
                    throw invalid("invalid range set: empty range set");
                }
                sets.add(ranges);
            }
        }
        return sets;
    }

    private static void check(List<List<AddressRange>> sets) throws PluginError {
        for (int i = 0; i < sets.size(); i++) {
            boolean v4 = sets.get(i).getFirst().subnet().isV4();
            for (AddressRange range : sets.get(i)) {
                if (range.subnet().isV4() != v4) {
                    throw invalid("invalid range set %d: mixed address families".formatted(i));
                }
            }
            for (int j = i; j < sets.size(); j++) {
                if (overlap(sets.get(i), sets.get(j), i == j)) {
                    throw invalid("range set %d overlaps with %d".formatted(i, j));
                }
            }
        }
    }

    private static boolean overlap(List<AddressRange> set, List<AddressRange> other, boolean same) {
        for (int i = 0; i < set.size(); i++) {
            for (int j = same ? i + 1 : 0; j < other.size(); j++) {
                if (set.get(i).overlaps(other.get(j))) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public CniResult add(Request request) throws PluginError {
        Wishes wishes = wishes(request);
        JsonFields ipam = ipam(request);
        CniResult.Dns dns = resolver(ResultJson.text(ipam, "resolvConf"));
        try (AddressStore store = AddressStore.open(request.network(), wishes.dataFolder)) {
            var ips = new ArrayList<CniResult.Ip>();
            try {
                var asked = new ArrayList<>(wishes.asked);
                for (int i = 0; i < wishes.sets.size(); i++) {
                    ips.add(choose(request, store, wishes.sets.get(i), i, asked));
                }
                if (!asked.isEmpty()) {
                    throw new PluginError(
                            "failed to allocate all requested IPs: "
                                    + asked.stream().map(IpText::of).toList());
                }
            } catch (PluginError e) {
                if (!ips.isEmpty()) {
                    store.release(request.container(), request.link());
                }
                throw e;
            }
            return new CniResult(List.of(), ips, ResultJson.routes(ipam), dns);
        }
    }

    private static CniResult.Ip choose(
            Request request,
            AddressStore store,
            List<AddressRange> set,
            int number,
            List<InetAddress> asked)
            throws PluginError {
        for (InetAddress address : asked) {
            AddressRange range = AddressRange.of(set, address);
            if (range != null) {
                asked.remove(address);
                return take(request, store, range, address, number);
            }
        }
        for (InetAddress address : store.of(request.container(), request.link())) {
            if (AddressRange.of(set, address) != null) {
                throw new PluginError(
                        "%s has been allocated to %s, duplicate allocation is not allowed"
                                .formatted(IpText.of(address), request.container()));
            }
        }
        CniResult.Ip next = next(request, store, set, number);
        if (next == null) {
            throw new PluginError(
                    "failed to allocate for range %d: no IP addresses available in range set: %s"
                            .formatted(number, set));
        }
        return next;
    }

    private static CniResult.Ip take(
            Request request,
            AddressStore store,
            AddressRange range,
            InetAddress address,
            int number)
            throws PluginError {
        if (address.equals(range.gateway())) {
            throw new PluginError("requested ip " + IpText.of(address) + " is subnet's gateway");
        } else if (!store.reserve(request.container(), request.link(), address, number)) {
            throw new PluginError(
                    "requested IP address %s is not available in range set %s"
                            .formatted(IpText.of(address), range));
        }
        return ip(range, address);
    }

    private static CniResult.Ip ip(AddressRange range, InetAddress address) {
        return new CniResult.Ip(address, range.subnet().length(), range.gateway(), null);
    }

    /** The first free one after the last that was given away, round the set; null: none. */
    private static CniResult.@Nullable Ip next(
            Request request, AddressStore store, List<AddressRange> set, int number)
            throws PluginError {
        InetAddress last = store.last(number);
        AddressRange range = AddressRange.of(set, last);
        AddressRange current = range == null ? set.getFirst() : range;
        InetAddress address =
                range == null || last == null ? current.first() : following(set, current, last);
        if (range != null && !current.contains(address)) {
            current = following(set, current);
        }
        InetAddress start = address;
        do {
            if (!address.equals(current.gateway())
                    && store.reserve(request.container(), request.link(), address, number)) {
                return ip(current, address);
            }
            InetAddress next = following(set, current, address);
            if (address.equals(current.last())) {
                current = following(set, current);
            }
            address = next;
        } while (!address.equals(start));
        return null;
    }

    private static InetAddress following(
            List<AddressRange> set, AddressRange range, InetAddress address) {
        return address.equals(range.last()) ? following(set, range).first() : range.after(address);
    }

    private static AddressRange following(List<AddressRange> set, AddressRange range) {
        return set.get((set.indexOf(range) + 1) % set.size());
    }

    private static CniResult.Dns resolver(String file) throws PluginError {
        if (file.isEmpty()) {
            return CniResult.Dns.NONE;
        }
        var nameservers = new ArrayList<String>();
        var search = new ArrayList<String>();
        var options = new ArrayList<String>();
        String domain = "";
        Path path = Path.of(file);
        try {
            byte[] content = Files.readAllBytes(path);
            for (String line : new String(content, StandardCharsets.UTF_8).split("\n", -1)) {
                List<String> words = List.of(line.strip().split("\\s+"));
                if (words.size() > 1 && !line.strip().matches("[#;].*")) {
                    List<String> rest = words.subList(1, words.size());
                    switch (words.getFirst()) {
                        case "nameserver" -> nameservers.add(words.get(1));
                        case "domain" -> domain = words.get(1);
                        case "search" -> search.addAll(rest);
                        case "options" -> options.addAll(rest);
                        default -> {}
                    }
                }
            }
        } catch (IOException e) {
            throw PluginError.of(StateFile.refused(path, e));
        }
        return new CniResult.Dns(nameservers, domain, search, options);
    }

    @Override
    public void delete(Request request) throws PluginError {
        Wishes wishes = wishes(request);
        try (AddressStore store = AddressStore.open(request.network(), wishes.dataFolder)) {
            store.release(request.container(), request.link());
        }
    }

    @Override
    public void check(Request request) throws PluginError {
        Wishes wishes = wishes(request);
        try (AddressStore store = AddressStore.open(request.network(), wishes.dataFolder)) {
            if (store.of(request.container(), request.link()).isEmpty()) {
                throw new PluginError(
                        "host-local: Failed to find address added by container "
                                + request.container());
            }
        }
    }

    @Override
    public void collect(Request request, Set<Attachment.Key> valid) throws PluginError {
        String folder = ResultJson.text(ipam(request), "dataDir");
        try (AddressStore store = AddressStore.open(request.network(), folder)) {
            store.retain(valid);
        }
    }

    /** Refuses when a set has no address left. */
    @Override
    public void status(Request request) throws PluginError {
        Wishes wishes = wishes(request);
        try (AddressStore store = AddressStore.open(request.network(), wishes.dataFolder)) {
            List<InetAddress> held = store.all();
            for (List<AddressRange> set : wishes.sets) {
                BigInteger free = BigInteger.ZERO;
                for (AddressRange range : set) {
                    var gone = new LinkedHashSet<InetAddress>(held);
                    gone.add(range.gateway());
                    gone.removeIf(address -> !range.contains(address));
                    free = free.add(range.size()).subtract(BigInteger.valueOf(gone.size()));
                }
                if (free.signum() <= 0) {
                    throw new PluginError(
                            PluginError.NOT_AVAILABLE,
                            "no IP addresses available in range set: " + set,
                            "");
                }
            }
        }
    }
}
