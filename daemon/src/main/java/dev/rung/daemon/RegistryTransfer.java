package dev.rung.daemon;

import dev.rung.cli.ImageTransfer;
import dev.rung.cli.TransferDisplay;
import dev.rung.docker.RegistryExchange;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.Platform;
import dev.rung.engine.ImageEvents;
import dev.rung.image.ImageStore;
import dev.rung.image.layer.UnpackLimits;
import dev.rung.image.registry.ConfiguredHosts;
import dev.rung.image.registry.CredentialSource;
import dev.rung.image.registry.ImageSearch;
import dev.rung.image.registry.Progress;
import dev.rung.image.registry.Puller;
import dev.rung.image.registry.Pusher;
import dev.rung.image.registry.Registries;
import dev.rung.image.snapshot.LayerIntake;
import dev.rung.image.snapshot.SnapshotStore;
import dev.rung.oci.image.ContentDescriptor;
import java.util.List;
import java.util.function.Consumer;

/** Images from registries, unpacked while they come, and to them. */
final class RegistryTransfer implements ImageTransfer, RegistryExchange {
    private final ImageStore images;
    private final SnapshotStore snapshots;
    private final ConfiguredHosts hosts;
    private final Registries registries;
    private final Puller puller;
    private final Pusher pusher;
    private final ImageEvents events;

    RegistryTransfer(
            ImageStore images,
            SnapshotStore snapshots,
            ConfiguredHosts hosts,
            Registries registries,
            Puller puller,
            Pusher pusher,
            ImageEvents events) {
        this.events = events;
        this.images = images;
        this.snapshots = snapshots;
        this.hosts = hosts;
        this.registries = registries;
        this.puller = puller;
        this.pusher = pusher;
    }

    @Override
    public String pull(
            String name, String platform, CredentialSource credentials, TransferDisplay display) {
        ImageName wanted = hosts.meant(name).withDefaultTag();
        Platform own = platform.isEmpty() ? Platform.host() : Platform.parse(platform);
        String reference = wanted.tag() == null ? String.valueOf(wanted.digest()) : wanted.tag();
        display.line(reference + ": Pulling from " + wanted.path());
        var errands = new Errands<Puller.Pulled>(credentials.proxies());
        var tidings = new LayerTidings(errands, display, "Downloading");
        Puller.Pulled done =
                errands.run(
                        "pull " + wanted,
                        () -> fetched(wanted, own, errands, tidings::pulling),
                        credentials,
                        display::checkThere);
        String verb = done.changed() ? "Downloaded newer image for " : "Image is up to date for ";
        display.line("Status: " + verb + wanted.familiar());
        return done.target().digest().toString();
    }

    private Puller.Pulled fetched(
            ImageName wanted,
            Platform own,
            CredentialSource credentials,
            Consumer<Progress> progress)
            throws InterruptedException {
        try (LayerIntake intake = snapshots.intake(UnpackLimits.USUAL)) {
            Puller.Pulled done = puller.pull(wanted, own, credentials, intake, progress);
            if (done.image()) {
                intake.commit(images.resolve(wanted.toString(), own).config().diffIds());
            }
            events.moved("pull", wanted);
            return done;
        }
    }

    @Override
    public List<ImageSearch.Found> search(String term, long limit, CredentialSource credentials)
            throws InterruptedException {
        return new ImageSearch(registries).find(term, limit, credentials);
    }

    @Override
    public ImageName meant(String name) {
        return hosts.meant(name);
    }

    @Override
    public RegistryExchange.Pulled pull(
            ImageName name,
            Platform platform,
            CredentialSource credentials,
            Consumer<Progress> progress)
            throws InterruptedException {
        Puller.Pulled done = fetched(name, platform, credentials, progress);
        return new RegistryExchange.Pulled(name, done.target(), done.changed());
    }

    @Override
    public ContentDescriptor push(
            ImageName name,
            Platform platform,
            CredentialSource credentials,
            Consumer<Progress> progress)
            throws InterruptedException {
        return pushed(name, platform, false, credentials, progress);
    }

    @Override
    public ContentDescriptor push(
            ImageName name,
            Platform platform,
            boolean alone,
            CredentialSource credentials,
            TransferDisplay display) {
        var errands = new Errands<ContentDescriptor>(credentials.proxies());
        var tidings = new LayerTidings(errands, display, "Pushing");
        return errands.run(
                "push " + name,
                () -> pushed(name, platform, alone, errands, tidings::pushing),
                credentials,
                display::checkThere);
    }

    private ContentDescriptor pushed(
            ImageName name,
            Platform platform,
            boolean alone,
            CredentialSource credentials,
            Consumer<Progress> progress)
            throws InterruptedException {
        ContentDescriptor done = pusher.push(name, platform, alone, credentials, progress);
        events.moved("push", name);
        return done;
    }

    @Override
    public Distributed look(ImageName name, CredentialSource credentials)
            throws InterruptedException {
        Registries.Found found = registries.look(name, credentials);
        return new Distributed(found.target(), found.platforms());
    }

    @Override
    public void login(String registry, CredentialSource credentials) {
        try {
            registries.login(registry, credentials);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted", e);
        }
    }
}
