package dev.rung.engine;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.ContentStore;
import dev.rung.image.Image;
import dev.rung.image.ImageReader;
import dev.rung.image.ImageStore;
import dev.rung.image.StoredImage;
import dev.rung.image.snapshot.Reclaim;
import dev.rung.oci.image.ImageManifest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes names of images away, and with the last one the image, in Docker's order of refusals. */
public final class ImageRemoval {
    private static final int SHORT_ID = 12;

    private final Engine engine;
    private final ImageStore images;
    private final ContentStore content;
    private final Reclaim reclaim;

    public ImageRemoval(Engine engine, ImageStore images, ContentStore content, Reclaim reclaim) {
        this.engine = engine;
        this.images = images;
        this.content = content;
        this.reclaim = reclaim;
    }

    /** One line of what was done: Untagged or Deleted, and what. */
    public record Deed(String what, String name) {}

    /** NotFound without such an image; WrongState where something speaks against it. */
    public List<Deed> remove(String text, boolean force) {
        StoredImage stored = images.lookUp(text, Platform.host());
        List<StoredImage> names = names(stored);
        ImageName own = stored.name() == null ? null : stored.name().withDefaultTag();
        boolean byName = names.stream().anyMatch(one -> own != null && own.equals(one.name()));
        if (own != null && byName && names.size() > 1) {
            images.untag(own);
            engine.imageEvents().told("untag", stored.target().digest());
            return List.of(new Deed("Untagged", own.familiar()));
        }
        if (!byName && !force) {
            checkOneRepository(text, names);
        }
        ContainerView user = user(stored);
        checkUnused(user, stored, byName, text, force);
        return delete(stored, names, user != null);
    }

    /**
     * Removes one with all its names, unless a container uses it or it is pinned; then there are no
     * deeds.
     */
    public List<Deed> removeUnused(StoredImage stored) {
        List<StoredImage> names = names(stored);
        boolean kept = engine.pinnedImages().has(names) || user(stored) != null;
        return kept ? List.of() : delete(stored, names, false);
    }

    private List<StoredImage> names(StoredImage stored) {
        return images.list().stream()
                .filter(other -> other.target().digest().equals(stored.target().digest()))
                .toList();
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

    /** A container of the image, of whatever platform; one that runs if there is one. */
    private @Nullable ContainerView user(StoredImage stored) {
        var ids = new HashSet<String>();
        for (ImageManifest manifest : new ImageReader(content).manifests(stored.target())) {
            ids.add(manifest.config().digest().toString());
        }
        ContainerView any = null;
        for (ContainerView container : engine.containers().list()) {
            if (ids.contains(container.record().image())) {
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
        Digest target = stored.target().digest();
        var deeds = new ArrayList<Deed>();
        for (StoredImage one : names) {
            ImageName name = one.name();
            if (name != null) {
                deeds.add(new Deed("Untagged", name.familiar()));
                engine.imageEvents().told("untag", target);
            }
        }
        if (used) {
            images.forgetNames(target);
            return deeds;
        }
        Image image = images.runnable(stored);
        deeds.add(new Deed("Deleted", (image == null ? target : image.id()).toString()));
        engine.imageEvents().told("delete", target);
        images.remove(target);
        reclaim.release(stored.target());
        return deeds;
    }
}
