package dev.rung.cri;

import dev.rung.cri.v1.AuthConfig;
import dev.rung.cri.v1.FilesystemIdentifier;
import dev.rung.cri.v1.FilesystemUsage;
import dev.rung.cri.v1.Image;
import dev.rung.cri.v1.ImageFsInfoRequest;
import dev.rung.cri.v1.ImageFsInfoResponse;
import dev.rung.cri.v1.ImageSpec;
import dev.rung.cri.v1.ImageStatusRequest;
import dev.rung.cri.v1.ImageStatusResponse;
import dev.rung.cri.v1.Int64Value;
import dev.rung.cri.v1.ListImagesRequest;
import dev.rung.cri.v1.ListImagesResponse;
import dev.rung.cri.v1.PullImageRequest;
import dev.rung.cri.v1.PullImageResponse;
import dev.rung.cri.v1.RemoveImageRequest;
import dev.rung.cri.v1.RemoveImageResponse;
import dev.rung.cri.v1.StreamImagesRequest;
import dev.rung.cri.v1.StreamImagesResponse;
import dev.rung.cri.v1.UInt64Value;
import dev.rung.domain.Digest;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.engine.ImageEvents;
import dev.rung.image.ImageStore;
import dev.rung.image.PinnedImages;
import dev.rung.image.StoredImage;
import dev.rung.image.registry.CredentialSource;
import dev.rung.image.signature.SignaturePolicy;
import dev.rung.image.snapshot.Reclaim;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Images for pods are the engine's images. */
final class PodImages {
    private static final int BATCH = 100;

    private final ImageStore images;
    private final Reclaim reclaim;
    private final ImagePuller puller;
    private final Path snapshots;
    private final ImageDiskUse use;
    private final Supplier<PinnedImages> pinned;
    private final ImageEvents events;

    PodImages(
            ImageStore images,
            Reclaim reclaim,
            ImagePuller puller,
            Path snapshots,
            ImageDiskUse use,
            Supplier<PinnedImages> pinned,
            ImageEvents events) {
        this.images = images;
        this.reclaim = reclaim;
        this.puller = puller;
        this.snapshots = snapshots;
        this.use = use;
        this.pinned = pinned;
        this.events = events;
    }

    /** An image under all of its names. */
    private record Named(dev.rung.image.Image image, List<StoredImage> names) {}

    private Map<Digest, Named> all() {
        var all = new LinkedHashMap<Digest, Named>();
        for (StoredImage stored : images.list()) {
            String text = stored.target().digest().toString();
            try {
                String asked = stored.name() == null ? text : stored.name().toString();
                dev.rung.image.Image image = images.resolve(asked, Platform.host());
                all.computeIfAbsent(image.id(), _ -> new Named(image, new ArrayList<>()))
                        .names()
                        .add(stored);
            } catch (Failure.NotFound | Failure.Unsupported _) {
                // for other platforms, or taken away just now
            }
        }
        return all;
    }

    ListImagesResponse list(ListImagesRequest request) {
        return ListImagesResponse.newBuilder()
                .addAllImages(list(request.getFilter().getImage()))
                .build();
    }

    void stream(StreamImagesRequest request, AnswerStream<StreamImagesResponse> answers) {
        Batches.send(
                list(request.getFilter().getImage()),
                BATCH,
                batch ->
                        answers.send(
                                StreamImagesResponse.newBuilder().addAllImages(batch).build()));
    }

    private List<Image> list(ImageSpec wanted) {
        var listed = new ArrayList<Image>();
        Digest only = null;
        if (!wanted.getImage().isEmpty()) {
            try {
                only = images.resolve(wanted.getImage(), Platform.host()).id();
            } catch (Failure.NotFound | Failure.Invalid _) {
                return listed;
            }
        }
        for (Named named : all().values()) {
            if (only == null || named.image().id().equals(only)) {
                listed.add(image(named));
            }
        }
        return listed;
    }

    /** One that is not here is no failure: nothing is told of it. */
    ImageStatusResponse status(ImageStatusRequest request) {
        FieldRules.require("image.image", request.getImage().getImage());
        var answer = ImageStatusResponse.newBuilder();
        for (Image image : list(request.getImage())) {
            answer.setImage(image);
            if (request.getVerbose()) {
                answer.putInfo("info", "{\"chainID\":\"\"}");
            }
        }
        return answer.build();
    }

    private Image image(Named named) {
        var image = Image.newBuilder().setId(named.image().id().toString());
        long size = named.image().manifest().config().size();
        for (var layer : named.image().manifest().layers()) {
            size += layer.size();
        }
        for (StoredImage stored : named.names()) {
            ImageName name = stored.name();
            if (name == null) {
                continue;
            }
            if (name.tag() != null) {
                image.addRepoTags(name.repository() + ":" + name.tag());
            }
            String digest = name.repository() + "@" + stored.target().digest();
            if (!image.getRepoDigestsList().contains(digest)) {
                image.addRepoDigests(digest);
            }
        }
        image.setPinned(pinned.get().has(named.names()));
        image.setSize(size).setSpec(ImageSpec.newBuilder().setImage(image.getId()));
        user(named.image().config().config().user(), image);
        return image.build();
    }

    private static void user(@Nullable String asked, Image.Builder image) {
        String text = asked == null ? "" : asked;
        String user = text.indexOf(':') < 0 ? text : text.substring(0, text.indexOf(':'));
        boolean number = !user.isEmpty() && user.chars().allMatch(c -> c >= '0' && c <= '9');
        if (number && user.length() <= 10) {
            image.setUid(Int64Value.newBuilder().setValue(Long.parseLong(user)));
        } else if (user.isEmpty()) {
            image.setUid(Int64Value.getDefaultInstance());
        } else {
            image.setUsername(user);
        }
    }

    PullImageResponse pull(PullImageRequest request) {
        String name = request.getImage().getImage();
        FieldRules.require("image.image", name);
        AuthConfig auth = request.getAuth();
        CredentialSource credentials =
                request.hasAuth()
                        ? registry -> PullCredentials.of(auth, registry)
                        : CredentialSource.NONE;
        try {
            puller.pull(name, credentials);
        } catch (Failure.Denied e) {
            String why = String.valueOf(e.getMessage());
            throw why.startsWith(SignaturePolicy.REJECTED) ? new UnacceptedImage(e) : e;
        }
        Digest id = images.resolve(name, Platform.host()).id();
        return PullImageResponse.newBuilder().setImageRef(id.toString()).build();
    }

    /**
     * All of its names go, as with containerd; one that is not here is removed. So is a pinned one,
     * there as well: that is for who looks for images to remove.
     */
    RemoveImageResponse remove(RemoveImageRequest request) {
        FieldRules.require("image.image", request.getImage().getImage());
        try {
            Digest id = images.resolve(request.getImage().getImage(), Platform.host()).id();
            Named named = all().get(id);
            if (named != null) {
                remove(named.names());
            }
        } catch (Failure.NotFound _) {
            // as the interface wants it
        }
        return RemoveImageResponse.getDefaultInstance();
    }

    private void remove(List<StoredImage> names) {
        var targets = new LinkedHashMap<Digest, StoredImage>();
        for (StoredImage stored : names) {
            Digest target = stored.target().digest();
            targets.put(target, stored);
            if (stored.name() != null) {
                events.told("untag", target);
            }
        }
        targets.forEach((target, stored) -> {
            events.told("delete", target); // by its id, which is not known afterwards
            images.remove(target);
            reclaim.release(stored.target());
        });
    }

    ImageFsInfoResponse fsInfo(ImageFsInfoRequest request) {
        ImageDiskUse.Use now = use.now();
        FilesystemUsage usage =
                FilesystemUsage.newBuilder()
                        .setTimestamp(PodSandboxes.nanos(Instant.now()))
                        .setFsId(
                                FilesystemIdentifier.newBuilder()
                                        .setMountpoint(snapshots.toString()))
                        .setUsedBytes(UInt64Value.newBuilder().setValue(now.bytes()))
                        .setInodesUsed(UInt64Value.newBuilder().setValue(now.inodes()))
                        .build();
        return ImageFsInfoResponse.newBuilder()
                .addImageFilesystems(usage)
                .addContainerFilesystems(usage)
                .build();
    }
}
