package dev.rung.engine.record;

import dev.rung.domain.ContainerId;
import dev.rung.engine.spec.ContainerName;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;

/** Ids, and names for containers that nobody named. */
public final class RandomNames {
    private static final int ID_BYTES = 32;

    private static final List<String> MOODS =
            List.of(
                    "airy", "ample", "bold", "brave", "breezy", "bright", "brisk", "calm", "candid",
                    "clever", "cosy", "crisp", "curious", "daring", "deft", "eager", "early",
                    "easy", "fair", "fluent", "fond", "frank", "fresh", "gentle", "glad", "golden",
                    "grand", "handy", "happy", "hardy", "honest", "hopeful", "humble", "jolly",
                    "keen", "kind", "lively", "lucid", "lucky", "mellow", "merry", "mild", "modest",
                    "neat", "nimble", "noble", "patient", "placid", "plucky", "polite", "proud",
                    "quick", "quiet", "ready", "robust", "rosy", "serene", "sharp", "silent",
                    "sleek", "smart", "smooth", "snug", "sober", "solid", "spry", "steady",
                    "sturdy", "subtle", "sunny", "swift", "tender", "tidy", "trusty", "vivid",
                    "warm", "wise", "witty", "zesty");

    /** Women and men of climbing, and of the art of building high. */
    private static final List<String> PEOPLE =
            List.of(
                    "alpin",
                    "ames",
                    "anker",
                    "ballard",
                    "bell",
                    "benedetti",
                    "boardman",
                    "bonatti",
                    "bonington",
                    "brunel",
                    "buhl",
                    "burnham",
                    "caldwell",
                    "calatrava",
                    "carmen",
                    "cassin",
                    "chouinard",
                    "comici",
                    "dangeville",
                    "destivelle",
                    "diemberger",
                    "eiffel",
                    "egger",
                    "fleming",
                    "fowler",
                    "gill",
                    "gropius",
                    "hadid",
                    "hargreaves",
                    "harrer",
                    "heckmair",
                    "herzog",
                    "hill",
                    "hillary",
                    "honnold",
                    "irvine",
                    "jenney",
                    "kaltenbrunner",
                    "kammerlander",
                    "khan",
                    "kukuczka",
                    "kurtyka",
                    "lachenal",
                    "lama",
                    "loretan",
                    "mallory",
                    "messner",
                    "morgan",
                    "moffat",
                    "norgay",
                    "odell",
                    "ondra",
                    "otis",
                    "paccard",
                    "paradis",
                    "pasaban",
                    "pei",
                    "preuss",
                    "purja",
                    "rebuffat",
                    "roebling",
                    "root",
                    "rutkiewicz",
                    "scott",
                    "shipton",
                    "sharma",
                    "steck",
                    "steinmetz",
                    "strutt",
                    "sullivan",
                    "tabei",
                    "terray",
                    "tilman",
                    "utzon",
                    "whillans",
                    "whymper",
                    "wren");

    private final RandomGenerator random;

    public RandomNames(RandomGenerator random) {
        this.random = random;
    }

    /** An id as Docker's: 64 hexadecimal digits, of which the first twelve are no number. */
    public ContainerId id() {
        var bytes = new byte[ID_BYTES];
        while (true) {
            random.nextBytes(bytes);
            String text = HexFormat.of().formatHex(bytes);
            for (int i = 0; i < 12; i++) {
                if (text.charAt(i) > '9') {
                    return new ContainerId(text);
                }
            }
        }
    }

    /** A name such as swift_tabei; with a digit behind it when such names were taken before. */
    public ContainerName name(boolean numbered) {
        String name =
                MOODS.get(random.nextInt(MOODS.size()))
                        + "_"
                        + PEOPLE.get(random.nextInt(PEOPLE.size()));
        return new ContainerName(numbered ? name + random.nextInt(10) : name);
    }
}
