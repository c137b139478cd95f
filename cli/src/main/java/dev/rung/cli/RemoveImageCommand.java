package dev.rung.cli;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.engine.ContainerView;
import dev.rung.image.Image;
import dev.rung.image.ImageStore;
import dev.rung.image.StoredImage;
import dev.rung.resident.Ending;
import java.util.HashSet;
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
        return List.of(
                Switch.flag("-f --force", "Force removal of the image"),
                Switch.flag("--no-prune", "Do not delete untagged parents (there are none)"));
    }

    @Override
    public List<String> examples() {
        return List.of("rmi alpine:3.19 registry.example.com/web:1");
    }

    @Override
    public Ending run(Invocation call) {
        return Each.of(call, call.flag("-f"), text -> remove(call, text));
    }

    private static String remove(Invocation call, String text) {
        ImageStore images = call.services().images();
        StoredImage stored = images.lookUp(text, Platform.host());
        List<StoredImage> names =
                images.list().stream()
                        .filter(other -> other.target().digest().equals(stored.target().digest()))
                        .toList();
        ImageName own = stored.name() == null ? null : stored.name().withDefaultTag();
        boolean byName = names.stream().anyMatch(one -> own != null && own.equals(one.name()));
        if (own != null && byName && names.size() > 1) {
            images.untag(own);
            return "Untagged: " + own.familiar();
        }
        boolean force = call.flag("--force");
        if (!byName && !force) {
            checkOneRepository(text, names);
        }
        ImageUse use = ImageUse.of(call, stored);
        checkUnused(use, stored, byName, text, force);
        return delete(call, stored, names, use.isUsed());
    }

    private static void checkOneRepository(String text, List<StoredImage> names) {
        var repositories = new HashSet<String>();
        for (StoredImage one : names) {
            ImageName name = one.name();
            if (name != null) {
                repositories.add(name.repository());
            }
        }
        if (repositories.size() > 1) {
            throw new Failure.WrongState(
                    "conflict: unable to delete "
                            + text
                            + " (must be forced) - image is referenced in multiple repositories");
        }
    }

    private static void checkUnused(
            ImageUse use, StoredImage stored, boolean byName, String text, boolean force) {
        ContainerView running = use.running();
        ContainerView any = use.any();
        String id = stored.target().digest().hex().substring(0, SHORT_ID);
        if (running != null && (!byName || force)) {
            throw new Failure.WrongState(
                    "conflict: unable to delete "
                            + (byName ? id : text)
                            + " (cannot be forced) - image is being used by running container "
                            + shortId(running));
        } else if (any != null && !force && byName) {
            throw new Failure.WrongState(
                    "conflict: unable to remove repository reference \""
                            + text
                            + "\" (must force) - container "
                            + shortId(any)
                            + " is using its referenced image "
                            + id);
        } else if (any != null && !force) {
            throw new Failure.WrongState(
                    "conflict: unable to delete "
                            + text
                            + " (must be forced) - image is being used by stopped container "
                            + shortId(any));
        }
    }

    private static String shortId(ContainerView container) {
        return container.record().id().value().substring(0, SHORT_ID);
    }

    /** What a container uses loses its names only, so that the container can be committed. */
    private static String delete(
            Invocation call, StoredImage stored, List<StoredImage> names, boolean used) {
        ImageStore images = call.services().images();
        var text = new StringBuilder();
        for (StoredImage one : names) {
            ImageName name = one.name();
            if (name != null) {
                text.append("Untagged: ").append(name.familiar()).append('\n');
            }
        }
        if (used) {
            images.forgetNames(stored.target().digest());
            return text.toString().stripTrailing();
        }
        Digest id = id(call, stored);
        images.remove(stored.target().digest());
        call.services().reclaim().release(stored.target());
        return text.append("Deleted: ").append(id).toString();
    }

    private static Digest id(Invocation call, StoredImage stored) {
        Image image = ImagesCommand.read(call, stored);
        return image == null ? stored.target().digest() : image.id();
    }
}
