package dev.rung.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.architecture.Rooms.Room;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The order of the rooms, from their module-infos: a room uses only rooms below it. */
class RoomsTests {
    /** What a room knows nothing of although it lies lower. */
    private static final Map<String, Set<String>> IGNORANCE =
            Map.of(
                    "dev.rung.program", Set.of("dev.rung.linux"),
                    "dev.rung.oci", Set.of("dev.rung.linux", "dev.rung.program"),
                    "dev.rung.resident",
                            Set.of("dev.rung.oci", "dev.rung.isolation", "dev.rung.host"));

    @Test
    void shouldRequireOnlyRoomsBelow() throws Exception {
        var below = new ArrayList<String>();
        for (Room room : Rooms.all()) {
            assertThat(below).as("rooms below " + room.name()).containsAll(requiredRooms(room));
            below.add(room.module().name());
        }
        assertThat(below).hasSizeGreaterThanOrEqualTo(10);
    }

    @Test
    void shouldNotKnowWhatTheyNeedNotKnow() throws Exception {
        for (Room room : Rooms.all()) {
            Set<String> unknown = IGNORANCE.getOrDefault(room.module().name(), Set.of());
            assertThat(requiredRooms(room)).as(room.name()).noneMatch(unknown::contains);
        }
    }

    @Test
    void shouldBeNullMarked() throws Exception {
        for (Room room : Rooms.all()) {
            var annotations =
                    ClassFile.of()
                            .parse(room.classes().resolve("module-info.class"))
                            .findAttribute(Attributes.runtimeVisibleAnnotations());
            assertThat(annotations).as(room.name()).isPresent();
            assertThat(annotations.orElseThrow().annotations())
                    .as(room.name())
                    .anyMatch(annotation ->
                            annotation
                                    .className()
                                    .equalsString("Lorg/jspecify/annotations/NullMarked;"));
        }
    }

    private static List<String> requiredRooms(Room room) {
        return room.module().requires().stream()
                .map(required -> required.name())
                .filter(name -> name.startsWith("dev.rung."))
                .toList();
    }
}
