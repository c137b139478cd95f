package dev.rung.network.cni;

import dev.rung.network.Prefix;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonNumber;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonString;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Results as the versions of the specification write them. What a version cannot say is left out:
 * before 0.3.0 there is one address of each family and no link, before 1.0.0 each address names its
 * family.
 */
final class ResultJson {
    private static final int MOST = Integer.MAX_VALUE;

    private ResultJson() {}

    /** Reads what is in the version that it names, or in the one it is said to have. */
    static CniResult read(JsonFields fields, CniVersion version) throws PluginError {
        String named = fields.optionalText("cniVersion");
        CniVersion own = named == null ? version : CniVersion.of(named);
        return own.atLeast(CniVersion.V0_3_0) ? read(fields) : readOld(fields);
    }

    private static CniResult read(JsonFields fields) {
        var interfaces = new ArrayList<CniResult.Interface>();
        for (JsonFields link : fields.objects("interfaces")) {
            interfaces.add(
                    new CniResult.Interface(
                            link.text("name"),
                            text(link, "mac"),
                            number(link, "mtu"),
                            text(link, "sandbox"),
                            text(link, "socketPath"),
                            text(link, "pciID")));
        }
        var ips = new ArrayList<CniResult.Ip>();
        for (JsonFields ip : fields.objects("ips")) {
            Long link = ip.optionalInteger("interface", -1, MOST);
            ips.add(ip(ip, "address", link == null ? null : link.intValue()));
        }
        return new CniResult(interfaces, ips, routes(fields), dns(fields));
    }

    private static CniResult readOld(JsonFields fields) {
        var ips = new ArrayList<CniResult.Ip>();
        var routes = new ArrayList<CniResult.Route>();
        for (String family : List.of("ip4", "ip6")) {
            JsonFields ip = fields.optionalObject(family);
            if (ip != null) {
                ips.add(ip(ip, "ip", null));
                routes.addAll(routes(ip));
            }
        }
        return new CniResult(List.of(), ips, routes, dns(fields));
    }

    private static CniResult.Ip ip(JsonFields ip, String name, @Nullable Integer link) {
        String address = ip.text(name);
        return new CniResult.Ip(
                IpText.parse(address), IpText.length(address), address(ip, "gateway"), link);
    }

    /** The routes of an object that has some. */
    static List<CniResult.Route> routes(JsonFields fields) {
        var routes = new ArrayList<CniResult.Route>();
        for (JsonFields route : fields.objects("routes")) {
            Long table = route.optionalInteger("table", 0, MOST);
            Long scope = route.optionalInteger("scope", 0, 255);
            routes.add(
                    new CniResult.Route(
                            Prefix.parse(route.text("dst")),
                            address(route, "gw"),
                            number(route, "mtu"),
                            number(route, "advmss"),
                            number(route, "priority"),
                            table == null ? null : table.intValue(),
                            scope == null ? null : scope.intValue()));
        }
        return routes;
    }

    /** The key dns of an object. */
    static CniResult.Dns dns(JsonFields fields) {
        JsonFields dns = fields.optionalObject("dns");
        return dns == null
                ? CniResult.Dns.NONE
                : new CniResult.Dns(
                        dns.texts("nameservers"),
                        text(dns, "domain"),
                        dns.texts("search"),
                        dns.texts("options"));
    }

    static String text(JsonFields fields, String name) {
        String text = fields.optionalText(name);
        return text == null ? "" : text;
    }

    static int number(JsonFields fields, String name) {
        return (int) fields.integerOr(name, 0, MOST, 0);
    }

    private static @Nullable InetAddress address(JsonFields fields, String name) {
        String text = fields.optionalText(name);
        return text == null ? null : Prefix.parseAddress(text);
    }

    static JsonObject write(CniResult result, CniVersion version) {
        var json = JsonObject.empty().with("cniVersion", new JsonString(version.toString()));
        if (version.atLeast(CniVersion.V0_3_0)) {
            json = some(json, "interfaces", interfaces(result.interfaces(), version));
            json = some(json, "ips", ips(result.ips(), version));
            json = some(json, "routes", routes(result.routes()));
        } else {
            json = old(json, result, true);
            json = old(json, result, false);
        }
        boolean always = !version.atLeast(CniVersion.V1_0_0);
        return result.dns().isEmpty() && !always ? json : json.with("dns", dns(result.dns()));
    }

    private static JsonObject some(JsonObject json, String name, List<Json> values) {
        return values.isEmpty() ? json : json.with(name, new JsonArray(values));
    }

    private static List<Json> interfaces(List<CniResult.Interface> interfaces, CniVersion version) {
        var all = new ArrayList<Json>();
        for (CniResult.Interface link : interfaces) {
            var json = JsonObject.empty().with("name", new JsonString(link.name()));
            json = some(json, "mac", link.mac());
            if (version.atLeast(CniVersion.V1_0_0)) {
                json = some(json, "mtu", link.mtu());
            }
            json = some(json, "sandbox", link.sandbox());
            if (version.atLeast(CniVersion.V1_0_0)) {
                json = some(json, "socketPath", link.socketPath());
                json = some(json, "pciID", link.pciId());
            }
            all.add(json);
        }
        return all;
    }

    private static List<Json> ips(List<CniResult.Ip> ips, CniVersion version) {
        var all = new ArrayList<Json>();
        for (CniResult.Ip ip : ips) {
            JsonObject json = JsonObject.empty();
            if (!version.atLeast(CniVersion.V1_0_0)) {
                json = json.with("version", new JsonString(ip.isV4() ? "4" : "6"));
            }
            Integer link = ip.link();
            if (link != null) {
                json = json.with("interface", JsonNumber.of(link));
            }
            json = json.with("address", new JsonString(ip.toString()));
            all.add(some(json, "gateway", ip.gateway()));
        }
        return all;
    }

    private static List<Json> routes(List<CniResult.Route> routes) {
        var all = new ArrayList<Json>();
        for (CniResult.Route route : routes) {
            Prefix to = route.destination();
            var json =
                    JsonObject.empty()
                            .with("dst", new JsonString(IpText.of(to.base()) + "/" + to.length()));
            json = some(json, "gw", route.gateway());
            json = some(json, "mtu", route.mtu());
            json = some(json, "advmss", route.segment());
            json = some(json, "priority", route.priority());
            Integer table = route.table();
            json = table == null ? json : json.with("table", JsonNumber.of(table));
            Integer scope = route.scope();
            all.add(scope == null ? json : json.with("scope", JsonNumber.of(scope)));
        }
        return all;
    }

    private static JsonObject old(JsonObject json, CniResult result, boolean v4) {
        for (CniResult.Ip ip : result.ips()) {
            if (ip.isV4() == v4) {
                var one = JsonObject.empty().with("ip", new JsonString(ip.toString()));
                one = some(one, "gateway", ip.gateway());
                List<CniResult.Route> own =
                        result.routes().stream()
                                .filter(route -> route.destination().isV4() == v4)
                                .toList();
                return json.with(v4 ? "ip4" : "ip6", some(one, "routes", routes(own)));
            }
        }
        return json;
    }

    private static JsonObject dns(CniResult.Dns dns) {
        JsonObject json = some(JsonObject.empty(), "nameservers", texts(dns.nameservers()));
        json = some(json, "domain", dns.domain());
        json = some(json, "search", texts(dns.search()));
        return some(json, "options", texts(dns.options()));
    }

    static List<Json> texts(List<String> texts) {
        return texts.stream().<Json>map(JsonString::new).toList();
    }

    private static JsonObject some(JsonObject json, String name, String text) {
        return text.isEmpty() ? json : json.with(name, new JsonString(text));
    }

    private static JsonObject some(JsonObject json, String name, int number) {
        return number == 0 ? json : json.with(name, JsonNumber.of(number));
    }

    private static JsonObject some(JsonObject json, String name, @Nullable InetAddress address) {
        return address == null ? json : json.with(name, new JsonString(IpText.of(address)));
    }
}
