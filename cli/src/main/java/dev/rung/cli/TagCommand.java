package dev.rung.cli;

import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.resident.Ending;
import java.util.List;

final class TagCommand implements Command {
    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "tag",
                "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
                "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
                WordCount.exactly(2));
    }

    @Override
    public List<String> examples() {
        return List.of("tag web:1 registry.example.com/web:1");
    }

    @Override
    public Ending run(Invocation call) {
        var images = call.services().images();
        var stored = images.lookUp(call.words().get(0), Platform.host());
        ImageName name = ImageName.parse(call.words().get(1));
        images.tag(name, stored.target().digest());
        call.services().engine().imageEvents().told("tag", stored.target().digest(), name);
        return DONE;
    }
}
