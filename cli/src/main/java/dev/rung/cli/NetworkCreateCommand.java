package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.network.NetworkSpec;
import dev.rung.network.Prefix;
import dev.rung.resident.Ending;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class NetworkCreateCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "network create", "[OPTIONS] NETWORK", "Create a network", WordCount.exactly(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.texts("--aux-address", "map", "Addresses kept from containers (name=ip)"),
                Switch.text("-d --driver", "string", "Driver to manage the network (bridge)"),
                Switch.texts("--gateway", "strings", "IPv4 or IPv6 gateway of a subnet"),
                Switch.flag("--internal", "Restrict external access to the network"),
                Switch.texts("--ip-range", "strings", "Allocate container IP from a sub-range"),
                Switch.flag("--ipv6", "Enable IPv6 address assignment"),
                Switch.texts("--label", "list", "Set metadata on a network"),
                Switch.texts("-o --opt", "map", "Set driver specific options"),
                Switch.texts("--subnet", "strings", "Subnet in CIDR format"));
    }

    @Override
    public List<String> examples() {
        return List.of(
                "network create backend",
                "network create --subnet 10.5.0.0/24 --gateway 10.5.0.254 --internal vault");
    }

    @Override
    public Ending run(Invocation call) {
        String driver = call.text("--driver");
        if (!driver.isEmpty() && !driver.equals("bridge")) {
            throw new Failure.NotFound(
                    "could not find plugin " + Printable.of(driver) + " in v1 plugin registry");
        }
        NetworkSpec spec =
                NetworkSpec.of(call.words().getFirst()).withLabels(call.pairs("--label"));
        if (call.flag("--internal")) {
            spec = spec.withoutWayOut();
        }
        if (call.flag("--ipv6")) {
            spec = spec.withIpv6();
        }
        spec = spec.withOptions(call.pairs("--opt"));
        for (NetworkSpec.Subnet subnet : subnets(call)) {
            spec = spec.withSubnet(subnet);
        }
        call.out(call.services().engine().connections().create(spec).id() + "\n");
        return DONE;
    }

    /** Each range, gateway and auxiliary address belongs to the subnet that it lies in. */
    private static List<NetworkSpec.Subnet> subnets(Invocation call) {
        var subnets = new ArrayList<NetworkSpec.Subnet>();
        for (String text : each(call, "--subnet")) {
            subnets.add(NetworkSpec.Subnet.of(text));
        }
        for (String text : each(call, "--ip-range")) {
            Prefix range = Prefix.parse(text);
            int at = place(subnets, range.base(), "no matching subnet for range " + text);
            subnets.set(at, subnets.get(at).withRange(range));
        }
        for (String text : each(call, "--gateway")) {
            InetAddress gateway = Prefix.parseAddress(text);
            int at = place(subnets, gateway, "no matching subnet for gateway " + text);
            subnets.set(at, subnets.get(at).withGateway(gateway));
        }
        call.pairs("--aux-address")
                .forEach((name, text) -> {
                    InetAddress address = Prefix.parseAddress(text);
                    int at = place(subnets, address, "no matching subnet for aux-address " + text);
                    var auxiliary = new HashMap<>(subnets.get(at).auxiliary());
                    auxiliary.put(name, address);
                    subnets.set(at, subnets.get(at).withAuxiliary(auxiliary));
                });
        return subnets;
    }

    private static List<String> each(Invocation call, String name) {
        var all = new ArrayList<String>();
        for (String text : call.texts(name)) {
            all.addAll(List.of(text.split(",")));
        }
        return all;
    }

    private static int place(
            List<NetworkSpec.Subnet> subnets, InetAddress address, String otherwise) {
        for (int i = 0; i < subnets.size(); i++) {
            if (subnets.get(i).prefix().contains(address)) {
                return i;
            }
        }
        throw new Failure.Invalid(otherwise);
    }
}
