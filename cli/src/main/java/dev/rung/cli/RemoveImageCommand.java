package dev.rung.cli;

import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.engine.ContainerView;
import dev.rung.image.Image;
import dev.rung.image.StoredImage;
import dev.rung.resident.Ending;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class RemoveImageCommand implements Command {
    private static final int SHORT_ID = 12;

    @Override
    public String name() {
        return "rmi";
    }

    @Override
    public String words() {
        return "[OPTIONS] IMAGE [IMAGE...]";
    }

    @Override
    public String about() {
        return "Remove one or more images";
    }

    @Override
    public int least() {
        return 1;
    }

    @Override
    public int most() {
        return -1;
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(Switch.flag("-f --force", "Force removal of the image"));
    }

    @Override
    public Ending run(Invocation call) {
        return Each.of(call, name -> remove(call, name));
    }

    private static String remove(Invocation call, String text) {
        var images = call.services().images();
        StoredImage stored = images.lookUp(text, Platform.host());
        ImageName name = stored.name();
        long names =
                images.list().stream()
                        .filter(other -> other.target().equals(stored.target()))
                        .count();
        if (names == 1 && !call.flag("-f")) {
            checkUnused(call, text);
        }
        if (name == null) {
            images.remove(stored.target().digest());
            return "Deleted: " + stored.target().digest();
        }
        images.untag(name);
        String untagged = "Untagged: " + name.familiar();
        return names == 1 ? untagged + "\nDeleted: " + stored.target().digest() : untagged;
    }

    private static void checkUnused(Invocation call, String text) {
        Image image = call.services().images().resolve(text, Platform.host());
        String id = image.id().toString();
        for (ContainerView container : call.services().containers().list()) {
            if (container.record().image().equals(id)) {
                throw new Failure.WrongState(
                        "conflict: unable to remove repository reference \""
                                + text
                                + "\" (must force) - container "
                                + container.record().id().value().substring(0, SHORT_ID)
                                + " is using its referenced image "
                                + image.id().hex().substring(0, SHORT_ID));
            }
        }
    }
}
