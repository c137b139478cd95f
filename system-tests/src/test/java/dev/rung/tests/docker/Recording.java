package dev.rung.tests.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rung.testkit.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an engine answered to each request of requests.txt: status, the headers that matter, and of
 * JSON the keys and types, so that it can be compared with what another engine answered.
 */
record Recording(Map<String, Shape> answers) {
    private static final Path HERE =
            Path.of("system-tests/src/test/resources/dev/rung/tests/docker");

    /** What dockerd 28.5.2 answered. */
    static final Path OF_DOCKERD = HERE.resolve("dockerd-28.5.2.txt");

    private static final String VERSION = "/v1.51";
    private static final Pattern NAMED = Pattern.compile("(.*) -> (\\w+)");
    private static final Pattern SAVING = Pattern.compile("GET /images/rec:one/get");

    /** Asks all that the file asks. */
    static Recording of(Path socket, Map<String, byte[]> archives) {
        var answers = new LinkedHashMap<String, Shape>();
        var names = new LinkedHashMap<String, String>();
        var bodies = new LinkedHashMap<>(archives);
        for (String line : lines(HERE.resolve("requests.txt"))) {
            Matcher named = NAMED.matcher(line);
            boolean has = named.matches();
            String[] words = (has ? named.group(1) : line).split(" ", 3);
            String path = words[1];
            for (Map.Entry<String, String> name : names.entrySet()) {
                path = path.replace("{" + name.getKey() + "}", name.getValue());
            }
            path = path.startsWith("=") ? path.substring(1) : VERSION + path;
            SocketRequest.Answer answer = request(words, path, bodies).ask(socket);
            if (has) {
                Object id = Json.readObject(answer.text()).get("Id");
                names.put(named.group(2), String.valueOf(id));
            }
            if (SAVING.matcher(line).matches()) {
                bodies.put("saved", answer.body());
            }
            String key = line;
            for (int i = 2; answers.containsKey(key); i++) {
                key = line + " #" + i;
            }
            answers.put(key, Shape.of(answer));
        }
        return new Recording(answers);
    }

    private static SocketRequest request(String[] words, String path, Map<String, byte[]> bodies) {
        if (words.length < 3) {
            return SocketRequest.of(words[0], path);
        } else if (!words[2].startsWith("@")) {
            return SocketRequest.json(words[0], path, words[2]);
        }
        byte[] archive = bodies.get(words[2].substring(1));
        if (archive == null) {
            throw new IllegalArgumentException("no archive " + words[2]);
        }
        return new SocketRequest(words[0], path, "application/x-tar", archive);
    }

    /** Without blank ones and remarks. */
    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes it down: a line with the request, and one with the shape of the answer. */
    void write(Path file) {
        var text = new StringBuilder();
        answers.forEach((request, shape) ->
                text.append(request).append('\n').append(shape.line()).append('\n'));
        try {
            Files.write(file, text.toString().getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Recording read(Path file) {
        var answers = new LinkedHashMap<String, Shape>();
        List<String> lines = lines(file);
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            answers.put(lines.get(i), Shape.read(lines.get(i + 1)));
        }
        return new Recording(answers);
    }

    /** What is different in the other one, of the requests that both answered. */
    List<Difference> differences(Recording other) {
        var all = new ArrayList<Difference>();
        answers.forEach((request, shape) -> {
            Shape theirs = other.answers.get(request);
            if (theirs != null) {
                shape.differences(request, theirs, all);
            }
        });
        return all;
    }
}
