package dev.rung.tests.engine;

import dev.rung.testkit.Command;
import dev.rung.testkit.OciRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An engine on a disk of its own, with little room. */
final class SmallEngine implements AutoCloseable {
    private final Path home;

    SmallEngine(Path folder, String size) throws IOException {
        home = folder.resolve("small");
        Files.createDirectory(
                home,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.createDirectory(home.resolve("lib"));
        Command.of("mount", "-t", "tmpfs", "-o", "mode=700,size=" + size, "none", lib()).succeed();
    }

    private String lib() {
        return home.resolve("lib").toString();
    }

    Command rung(String... words) {
        var all = new ArrayList<String>();
        all.add(OciRuntime.binaryUnderTest().resolveSibling("rung").toString());
        all.addAll(Arrays.asList(words));
        return Command.of(all).with("RUNG_HOME", home.toString());
    }

    /** Takes all the room that is left. */
    void fill() {
        Command.of("sh", "-c", "cat /dev/zero >" + lib() + "/filler").run();
    }

    /** Gives the disk another size. */
    void grow(String size) {
        Command.of("mount", "-o", "remount,size=" + size, lib()).succeed();
    }

    /** Files below a folder of what survives. */
    List<String> files(String path) {
        try (var files = Files.list(Path.of(lib(), path))) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void empty() {
        Command.of("rm", lib() + "/filler").succeed();
    }

    @Override
    public void close() throws IOException {
        for (String id : rung("ps", "--all", "--quiet").run().output().lines().toList()) {
            rung("rm", "--force", id).run();
        }
        Command.of("kill", Files.readString(home.resolve("run/rungd.pid")).strip()).run();
        Command.of("umount", "--lazy", lib()).run();
    }
}
