package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.resident.Ending;
import java.nio.charset.StandardCharsets;
import java.util.List;

final class ListCommand implements Verb {
    @Override
    public Ending run(Call call) {
        call.arguments().exactly(0);
        String format = call.arguments().text("format");
        List<ContainerView> all = call.containers().list(call.globals().rootGiven());
        Front front = call.front();
        if (call.arguments().flag("quiet")) {
            for (ContainerView container : all) {
                front.out(container.id() + "\n");
            }
        } else if (format.equals("table")) {
            front.out(ContainerView.table(all));
        } else if (format.equals("json")) {
            front.out(new String(ContainerView.json(all), StandardCharsets.UTF_8));
        } else {
            throw new Failure.Invalid("invalid format option");
        }
        return DONE;
    }
}
