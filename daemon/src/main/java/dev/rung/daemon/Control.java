package dev.rung.daemon;

import dev.rung.cli.EngineControl;
import dev.rung.daemon.settings.Configuration;
import dev.rung.daemon.settings.ConfigurationFiles;
import dev.rung.daemon.settings.ForeignFiles;
import dev.rung.docker.WrittenSettings;
import dev.rung.engine.Engine;
import dev.rung.image.registry.ConfiguredHosts;
import dev.rung.image.registry.TransferLimits;
import dev.rung.image.signature.SignaturePolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Takes a changed configuration in, tells how it goes, and ends the engine. */
final class Control implements EngineControl, WrittenSettings {
    private final Settings settings;
    private final Engine engine;
    private final Runnable leave;
    private volatile Configuration written;

    Control(Settings settings, Engine engine, Runnable leave) {
        this.settings = settings;
        this.engine = engine;
        this.leave = leave;
        this.written = settings.written();
    }

    /** As the configuration says at present. */
    ConfiguredHosts.Settings hosts() {
        return hosts(settings, written);
    }

    /** As the configuration says at present. */
    TransferLimits limits() {
        return written.registries().limits();
    }

    /** The engine's own files come before those of containerd and docker. */
    static ConfiguredHosts.Settings hosts(Settings settings, Configuration written) {
        var folders = new ArrayList<Path>();
        folders.add(settings.configuration().resolve("certs.d"));
        folders.addAll(ConfiguredHosts.Settings.USUAL.hostsFolders());
        return new ConfiguredHosts.Settings(
                written.registries().mirrors(),
                written.registries().insecure(),
                folders,
                List.of(settings.configuration().resolve("registries.conf")));
    }

    /** Which images may come, as the files say at present. */
    SignaturePolicy policy() {
        return written.registries().policy(settings.configuration());
    }

    @Override
    public List<String> insecureRegistries() {
        return written.registries().insecure();
    }

    @Override
    public List<String> mirrors() {
        return written.registries().mirrors().stream().map(Object::toString).toList();
    }

    @Override
    public List<String> labels() {
        return written.labels();
    }

    @Override
    public boolean debug() {
        return written.debug();
    }

    @Override
    public boolean experimental() {
        return written.experimental();
    }

    @Override
    public synchronized List<String> reload() {
        Configuration first = settings.written();
        Configuration fresh = ConfigurationFiles.read(settings.configuration(), first.criSocket());
        engine.settle(fresh.engine());
        var remarks = new ArrayList<String>();
        for (String name : fresh.ignored()) {
            remarks.add("daemon.json: " + name + " is not Rung's and has no effect");
        }
        if (!Objects.equals(fresh.dataRoot(), first.dataRoot())
                || !Objects.equals(fresh.execRoot(), first.execRoot())) {
            remarks.add("other roots count from the next start");
        }
        written = fresh;
        return remarks;
    }

    @Override
    public String imported(String engine, Map<String, String> texts) {
        return ForeignFiles.toml(engine, texts);
    }

    @Override
    public void leave() {
        leave.run();
    }

    @Override
    public String metrics() {
        return Metrics.text(engine.containers());
    }
}
