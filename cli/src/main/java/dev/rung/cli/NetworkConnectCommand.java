package dev.rung.cli;

import dev.rung.engine.spec.NetworkWish;
import dev.rung.resident.Ending;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class NetworkConnectCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "network connect",
                "[OPTIONS] NETWORK CONTAINER",
                "Connect a container to a network",
                WordCount.exactly(2));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.texts("--alias", "strings", "Add network-scoped alias for the container"),
                Switch.text(
                        "--gw-priority", "int", "Highest gw-priority provides the default gateway"),
                Switch.text("--ip", "string", "IPv4 address (e.g., \"172.30.100.104\")"),
                Switch.text("--ip6", "string", "IPv6 address (e.g., \"2001:db8::33\")"),
                Switch.texts("--link", "list", "Add link to another container"));
    }

    @Override
    public List<String> examples() {
        return List.of("network connect --alias db backend web");
    }

    @Override
    public Ending run(Invocation call) {
        var wish =
                new NetworkWish(
                        call.words().getFirst(),
                        call.texts("--alias"),
                        call.texts("--link"),
                        call.text("--ip"),
                        call.text("--ip6"),
                        "",
                        (int) call.number("--gw-priority", 0));
        call.services().engine().connections().connect(call.words().getLast(), wish);
        return DONE;
    }
}
