package dev.rung.cli;

import dev.rung.engine.ContainerView;
import dev.rung.engine.PodView;
import dev.rung.network.Endpoint;
import dev.rung.oci.json.JsonWriter;
import dev.rung.resident.Ending;
import java.util.List;
import java.util.TreeSet;
import picocli.CommandLine.Model.OptionSpec;

final class PodInspectCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "pod inspect",
                "[OPTIONS] POD [POD...]",
                "Display a pod's configuration and state",
                WordCount.atLeast(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.text("-f --format", "string", "Format output by a Go template or json"));
    }

    @Override
    public List<String> examples() {
        return List.of("pod inspect -f '{{.State}}' shop");
    }

    @Override
    public Ending run(Invocation call) {
        return Each.inspected(
                call,
                name -> {
                    PodView pod = call.services().engine().pods().get(name);
                    return json -> write(json, pod);
                });
    }

    private static void write(JsonWriter json, PodView pod) {
        var record = pod.record();
        String parent = record.host().cgroupParent();
        json.beginObject()
                .field("Id", record.id().value())
                .field("Name", record.name().value())
                .field("Created", record.created().toString())
                .field("State", pod.status().toString())
                .field("Ready", pod.ready())
                .field("ExitPolicy", record.exitStops() ? "stop" : "continue")
                .field("Hostname", record.config().hostname());
        json.name("Labels").beginObject();
        record.config().labels().forEach(json::field);
        json.endObject();
        json.field("CreateCgroup", true)
                .field("CgroupParent", parent.isEmpty() ? "/rung" : parent)
                .field("CgroupPath", (parent.isEmpty() ? "/rung" : parent) + "/pod-" + record.id())
                .field("SharedNamespaces", List.copyOf(new TreeSet<>(record.shares())));
        record.host().write(json.name("HostConfig"));
        json.name("Networks").beginArray();
        for (Endpoint endpoint : pod.endpoints()) {
            json.beginObject().field("NetworkID", endpoint.networkId());
            json.field("MacAddress", endpoint.mac().toString());
            json.name("Addresses").beginArray();
            for (Endpoint.Address address : endpoint.addresses()) {
                json.value(address.address().getHostAddress() + "/" + address.length());
            }
            json.endArray().endObject();
        }
        json.endArray().field("NumContainers", pod.containers().size());
        json.name("Containers").beginArray();
        for (ContainerView container : pod.containers()) {
            json.beginObject()
                    .field("Id", container.record().id().value())
                    .field("Name", container.record().name().value())
                    .field("State", container.phase().toString())
                    .endObject();
        }
        json.endArray().endObject();
    }
}
