package dev.rung.cli;

import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.resident.Ending;
import java.util.List;

final class TagCommand implements Command {
    @Override
    public String name() {
        return "tag";
    }

    @Override
    public String words() {
        return "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]";
    }

    @Override
    public String about() {
        return "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE";
    }

    @Override
    public int least() {
        return 2;
    }

    @Override
    public int most() {
        return 2;
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
