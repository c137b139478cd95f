package dev.rung.image.signature;

import dev.rung.domain.Printable;
import dev.rung.oci.json.JsonFields;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Where a public key is written down. */
sealed interface KeySource {
    /** In a file, which is read when it is needed. */
    record InFile(Path file) implements KeySource {
        private static final int LARGEST_KIB = 64;

        @Override
        public SigningKey read() {
            byte[] text = PolicyFile.read(file, LARGEST_KIB);
            return SigningKey.read(file.toString(), new String(text, StandardCharsets.UTF_8));
        }
    }

    /**
     * In the policy itself.
     *
     * @param place what errors call it
     */
    record InPolicy(String place, String text) implements KeySource {
        @Override
        public SigningKey read() {
            return SigningKey.read(place, text);
        }
    }

    /** Invalid or HostRefused with the file. */
    SigningKey read();

    /** Those that keyPath, keyPaths, keyData and keyDatas of a requirement name. */
    static List<KeySource> of(JsonFields fields) {
        var sources = new ArrayList<KeySource>();
        if (fields.has("keyPath")) {
            sources.add(inFile(fields, "keyPath", fields.text("keyPath")));
        }
        for (String path : fields.texts("keyPaths")) {
            sources.add(inFile(fields, "keyPaths", path));
        }
        if (fields.has("keyData")) {
            sources.add(inPolicy(fields, "keyData", fields.text("keyData")));
        }
        for (String data : fields.texts("keyDatas")) {
            sources.add(inPolicy(fields, "keyDatas", data));
        }
        if (sources.isEmpty()) {
            throw fields.invalid("want at least one key");
        }
        return List.copyOf(sources);
    }

    private static KeySource inFile(JsonFields fields, String key, String text) {
        if (!text.startsWith("/")) {
            throw fields.invalid(
                    key, "\"" + Printable.of(text) + "\": want the absolute path of a file");
        }
        return new InFile(Path.of(text));
    }

    private static KeySource inPolicy(JsonFields fields, String key, String text) {
        try {
            byte[] pem = Base64.getDecoder().decode(text);
            String place = String.valueOf(fields.invalid(key, "a key").getMessage());
            return new InPolicy(place, new String(pem, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw fields.invalid(key, "want base64");
        }
    }
}
