package dev.rung.engine;

import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.image.ImageStore;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells what happens to images, in Docker's words: the actor is the image's id, or its name. */
public final class ImageEvents {
    private final Events events;
    private final ImageStore images;

    ImageEvents(Events events, ImageStore images) {
        this.events = events;
        this.images = images;
    }

    /** "pull" and "push", whose actor is the name. */
    public void moved(String action, ImageName name) {
        Map<String, String> attributes = Map.of("name", name.familiarRepository());
        events.tell("image", action, name.familiar(), attributes);
    }

    /** "load" and "save", or "import" without a name. */
    public void told(String action, Digest target) {
        told(action, target, null);
    }

    /** "tag" and "import" tell the name, too. */
    public void told(String action, Digest target, @Nullable ImageName name) {
        String id = id(target);
        String shown = name == null ? id : name.withDefaultTag().familiar();
        events.tell("image", action, id, Map.of("name", shown));
    }

    /**
     * The id that people see: the digest of the config, where the image is one for this machine.
     */
    private String id(Digest target) {
        try {
            return images.resolve(target.toString(), Platform.host()).id().toString();
        } catch (Failure e) {
            return target.toString();
        }
    }
}
