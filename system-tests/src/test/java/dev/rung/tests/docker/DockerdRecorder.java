package dev.rung.tests.docker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Records anew what a dockerd answers: {@code java … DockerdRecorder SOCKET}, in an empty one. */
final class DockerdRecorder {
    private DockerdRecorder() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory("rung-recording");
        Recording.of(Path.of(arguments[0]), ImageArchive.all(folder)).write(Recording.OF_DOCKERD);
    }
}
