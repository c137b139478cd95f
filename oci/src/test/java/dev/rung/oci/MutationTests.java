package dev.rung.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rung.domain.Failure;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Configs damaged at random: whatever comes, the answer is a record or one clear line. */
class MutationTests {
    private static final long SEED = Long.getLong("rung.seed", 20_251);
    private static final int ROUNDS = 20_000;
    private static final long LONGEST_NS = 2_000_000_000L;

    private static final List<String> PIECES =
            List.of(
                    "\"",
                    "\\",
                    "\\u0000",
                    "\\ud800",
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "null",
                    "true",
                    "-",
                    "1e999",
                    "18446744073709551616",
                    "0",
                    "\0",
                    "\n",
                    "\u00ff",
                    "{\"a\":",
                    "[[[[[[[[",
                    "//",
                    "..",
                    "\"\":",
                    "type",
                    "path",
                    "-1");

    private static final List<String> VALUES =
            List.of(
                    "null",
                    "true",
                    "0",
                    "-1",
                    "1.5",
                    "4294967295",
                    "4294967296",
                    "1e9",
                    "18446744073709551615",
                    "\"\"",
                    "\"/\"",
                    "\"..\"",
                    "\"a\\u0000b\"",
                    "\"a\\nb\"",
                    "\"\\ud800\"",
                    "[]",
                    "{}",
                    "[null]",
                    "[\"\"]",
                    "[{}]",
                    "{\"a\":{}}",
                    "{\"a\":\"b\"}",
                    "\"0-3\"",
                    "[\"bind\",\"idmap=uids=0-1-2\"]",
                    "\"user\"");

    private final SplittableRandom random = new SplittableRandom(SEED);
    private int accepted;
    private int refused;

    @Test
    void shouldNeverDoWorseThanRefuse() {
        System.out.println("mutations: seed " + SEED + " (-Drung.seed=N for another)");
        var texts = new ArrayList<byte[]>();
        var trees = new ArrayList<Json>();
        for (String resource : Configs.RESOURCES) {
            texts.add(Configs.resource(resource));
            trees.add(Json.read(resource, texts.getLast()));
        }
        for (int round = 0; round < ROUNDS; round++) {
            int pick = random.nextInt(texts.size());
            byte[] text =
                    round % 2 == 0
                            ? damaged(texts.get(pick))
                            : withOneValueChanged(trees.get(pick));
            long before = System.nanoTime();
            tryOut(round, text);
            long took = System.nanoTime() - before;
            if (took > LONGEST_NS) {
                throw new AssertionError(
                        "round %d of seed %d took %d ns".formatted(round, SEED, took));
            }
        }
        assertThat(accepted).isPositive();
        assertThat(refused).isPositive();
    }

    private void tryOut(int round, byte[] text) {
        try {
            RuntimeConfig config = RuntimeConfig.read("config.json", text);
            Validation.check("config.json", config).forEach(line -> assertOneLine(round, line));
            Validation.checkRootless("config.json", config);
            accepted++;
        } catch (Failure.Invalid failure) {
            refused++;
            assertOneLine(round, String.valueOf(failure.getMessage()));
        } catch (RuntimeException | StackOverflowError other) {
            throw new AssertionError(
                    "round %d of seed %d: %s".formatted(round, SEED, new String(text, UTF_8)),
                    other);
        }
    }

    private static void assertOneLine(int round, String message) {
        boolean clear = message.contains("config.json") && message.length() < 2000;
        for (int i = 0; i < message.length(); i++) {
            clear &= !Character.isISOControl(message.charAt(i));
        }
        if (!clear) {
            throw new AssertionError("round %d of seed %d: %s".formatted(round, SEED, message));
        }
    }

    private byte[] damaged(byte[] text) {
        var out = new ByteArrayOutputStream(text.length + 64);
        out.writeBytes(text);
        int times = 1 + random.nextInt(4);
        for (int i = 0; i < times; i++) {
            byte[] now = out.toByteArray();
            out.reset();
            int at = random.nextInt(now.length + 1);
            int length = Math.min(random.nextInt(1, 40), now.length - at);
            switch (random.nextInt(5)) {
                case 0 -> { // another byte
                    out.writeBytes(now);
                    now[Math.min(at, now.length - 1)] = (byte) random.nextInt(256);
                    out.reset();
                    out.writeBytes(now);
                }
                case 1 -> { // something in between
                    out.write(now, 0, at);
                    out.writeBytes(PIECES.get(random.nextInt(PIECES.size())).getBytes(UTF_8));
                    out.write(now, at, now.length - at);
                }
                case 2 -> { // a piece missing
                    out.write(now, 0, at);
                    out.write(now, at + length, now.length - at - length);
                }
                case 3 -> { // a piece twice
                    out.write(now, 0, at + length);
                    out.write(now, at, now.length - at);
                }
                default -> out.write(now, 0, Math.max(1, at)); // the rest missing
            }
        }
        return out.toByteArray();
    }

    private byte[] withOneValueChanged(Json tree) {
        var writer = JsonWriter.compact();
        var left = new int[] {random.nextInt(count(tree))};
        Json other = Json.read("v", VALUES.get(random.nextInt(VALUES.size())).getBytes(UTF_8));
        copy(writer, tree, left, other);
        return writer.bytes();
    }

    private static int count(Json json) {
        int count = 1;
        if (json instanceof JsonObject object) {
            for (int i = 0; i < object.size(); i++) {
                count += count(object.value(i));
            }
        } else if (json instanceof JsonArray array) {
            for (Json element : array.values()) {
                count += count(element);
            }
        }
        return count;
    }

    private static void copy(JsonWriter writer, Json json, int[] left, Json other) {
        if (left[0]-- == 0) {
            writer.value(other);
        } else if (json instanceof JsonObject object) {
            writer.beginObject();
            for (int i = 0; i < object.size(); i++) {
                writer.name(object.name(i));
                copy(writer, object.value(i), left, other);
            }
            writer.endObject();
        } else if (json instanceof JsonArray array) {
            writer.beginArray();
            for (Json element : array.values()) {
                copy(writer, element, left, other);
            }
            writer.endArray();
        } else {
            writer.value(json);
        }
    }
}
