package dev.rung.architecture;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;

/** The Maven modules that hold main code, in the order of the root pom: from the bottom up. */
final class Rooms {
    private Rooms() {}

    /**
     * A room.
     *
     * @param name its folder, such as oci-cli
     * @param classes where Maven compiled it to
     * @param module what its module-info says
     */
    record Room(String name, Path classes, ModuleDescriptor module) {
        /** Whether protoc wrote it. */
        boolean isGenerated() {
            return Files.exists(Path.of("..", name, "src/main/proto"));
        }
    }

    static List<Room> all() throws Exception {
        Path root = Path.of("..").toAbsolutePath().normalize();
        var names =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(root.resolve("pom.xml").toFile())
                        .getElementsByTagName("module");
        var rooms = new ArrayList<Room>();
        for (int i = 0; i < names.getLength(); i++) {
            String name = names.item(i).getTextContent();
            Path classes = root.resolve(name).resolve("target/classes");
            if (Files.isDirectory(root.resolve(name).resolve("src/main/java"))) {
                rooms.add(new Room(name, classes, descriptor(classes)));
            }
        }
        return rooms;
    }

    private static ModuleDescriptor descriptor(Path classes) throws IOException {
        try (InputStream compiled = Files.newInputStream(classes.resolve("module-info.class"))) {
            return ModuleDescriptor.read(compiled);
        }
    }
}
