package dev.rung.cri;

import dev.rung.engine.ContainerView;
import dev.rung.engine.PodView;
import dev.rung.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;

/** What is told to who asks for more, as JSON; without variables and what else may be secret. */
final class Verbose {
    private Verbose() {}

    static String of(PodView pod) {
        var to = JsonWriter.compact().beginObject();
        to.field("name", pod.record().name().value());
        to.field("runtimeHandler", Notes.handler(pod.record()));
        to.field("cgroupParent", pod.record().host().cgroupParent());
        to.field("sharedNamespaces", List.copyOf(new TreeSet<>(pod.record().shares())));
        to.name("containers").beginArray();
        for (ContainerView container : pod.containers()) {
            to.value(container.record().id().value());
        }
        return text(to.endArray().endObject());
    }

    static String of(ContainerView container) {
        var to = JsonWriter.compact().beginObject();
        to.field("sandboxID", container.record().host().pod());
        to.field("pid", container.pid());
        to.field("runtime", container.record().host().runtime());
        to.field("privileged", container.record().host().privileged());
        to.field("name", container.record().name().value());
        return text(to.endObject());
    }

    private static String text(JsonWriter json) {
        return new String(json.bytes(), StandardCharsets.UTF_8);
    }
}
