package dev.rung.docker;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.engine.ContainerView;
import dev.rung.image.Image;
import dev.rung.image.ImageStore;
import dev.rung.image.StoredImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code DELETE /images/{name}}: takes a name away, and with the last one the image. */
final class ImageRemoval {
    private static final int SHORT_ID = 12;

    private final DockerServices services;
    private final ImageStore images;

    ImageRemoval(DockerServices services) {
        this.services = services;
        images = services.images();
    }

    /** One line of what was done: Untagged or Deleted, and what. */
    record Deed(String what, String name) {}

    List<Deed> remove(String text, boolean force) {
        StoredImage stored = images.lookUp(text, Platform.host());
        List<StoredImage> names =
                images.list().stream()
                        .filter(other -> other.target().digest().equals(stored.target().digest()))
                        .toList();
        ImageName own = stored.name() == null ? null : stored.name().withDefaultTag();
        boolean byName = names.stream().anyMatch(one -> own != null && own.equals(one.name()));
        if (own != null && byName && names.size() > 1) {
            images.untag(own);
            return List.of(new Deed("Untagged", own.familiar()));
        }
        if (!byName && !force) {
            checkOneRepository(text, names);
        }
        ContainerView user = user(stored);
        checkUnused(user, stored, byName, text, force);
        return delete(stored, names, user != null);
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

    /** A container of the image, one that runs if there is one. */
    private @Nullable ContainerView user(StoredImage stored) {
        Image image = read(stored);
        ContainerView any = null;
        for (ContainerView container : services.containers().list()) {
            if (image != null && container.record().image().equals(image.id().toString())) {
                if (container.phase().runs()) {
                    return container;
                }
                any = container;
            }
        }
        return any;
    }

    private static void checkUnused(
            @Nullable ContainerView user,
            StoredImage stored,
            boolean byName,
            String text,
            boolean force) {
        if (user == null) {
            return;
        }
        String id = stored.target().digest().hex().substring(0, SHORT_ID);
        String container = user.record().id().value().substring(0, SHORT_ID);
        if (user.phase().runs() && (!byName || force)) {
            throw new Failure.WrongState(
                    "conflict: unable to delete "
                            + (byName ? id : text)
                            + " (cannot be forced) - image is being used by running container "
                            + container);
        } else if (!force && byName) {
            throw new Failure.WrongState(
                    "conflict: unable to remove repository reference \""
                            + text
                            + "\" (must force) - container "
                            + container
                            + " is using its referenced image "
                            + id);
        } else if (!force) {
            throw new Failure.WrongState(
                    "conflict: unable to delete "
                            + text
                            + " (must be forced) - image is being used by stopped container "
                            + container);
        }
    }

    /** What a container uses loses its names only, so that the container can be committed. */
    private List<Deed> delete(StoredImage stored, List<StoredImage> names, boolean used) {
        var deeds = new ArrayList<Deed>();
        for (StoredImage one : names) {
            ImageName name = one.name();
            if (name != null) {
                deeds.add(new Deed("Untagged", name.familiar()));
            }
        }
        if (used) {
            images.forgetNames(stored.target().digest());
            return deeds;
        }
        Image image = read(stored);
        Digest id = image == null ? stored.target().digest() : image.id();
        images.remove(stored.target().digest());
        services.reclaim().release(stored.target());
        deeds.add(new Deed("Deleted", id.toString()));
        return deeds;
    }

    /** Null for one of another platform, or none that can be run. */
    @Nullable Image read(StoredImage stored) {
        try {
            ImageName name = stored.name();
            String text = name == null ? stored.target().digest().toString() : name.toString();
            return images.resolve(text, Platform.host());
        } catch (Failure e) {
            return null;
        }
    }
}
