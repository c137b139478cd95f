package dev.rung.network.cni;

import dev.rung.domain.Failure;
import dev.rung.network.machine.StateFile;
import dev.rung.oci.json.Json;
import dev.rung.oci.json.JsonArray;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonObject;
import dev.rung.oci.json.JsonString;
import dev.rung.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file for each attachment, NETWORK-CONTAINER-LINK, on disk before its first plugin is called and
 * again when the last one has answered. The content is that of the cache which the reference
 * library keeps (kind cniCacheV1), and who answers for each plugin.
 */
final class AttachmentFolder {
    private static final String KIND = "cniCacheV1";
    private static final String UNFINISHED = ".new";

    private final Path folder;

    AttachmentFolder(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            try (var unfinished = Files.newDirectoryStream(folder, "*" + UNFINISHED)) {
                for (Path entry : unfinished) {
                    Files.delete(entry); // of an engine that was killed
                }
            }
        } catch (IOException e) {
            throw StateFile.refused(folder, e);
        }
    }

    private Path file(String network, Attachment.Key key) {
        return folder.resolve(network + "-" + key.container() + "-" + key.link());
    }

    /** Null when there is none. */
    @Nullable AttachmentRecord read(String network, Attachment.Key key) {
        return read(file(network, key));
    }

    private static @Nullable AttachmentRecord read(Path file) {
        byte[] text;
        try {
            text = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw StateFile.refused(file, e);
        }
        try {
            return record(JsonFields.read(file.toString(), text));
        } catch (Failure.Invalid | IllegalArgumentException e) {
            throw new Failure.Corrupt(String.valueOf(e.getMessage()), e);
        }
    }

    private static AttachmentRecord record(JsonFields fields) {
        if (!fields.text("kind").equals(KIND)) {
            throw fields.invalid("kind", "want " + KIND);
        }
        byte[] conf = Base64.getDecoder().decode(fields.text("config"));
        NetworkConf network = NetworkConf.parse(fields.text("networkName"), conf);
        var arguments = new LinkedHashMap<String, String>();
        if (fields.json().get("cniArgs") instanceof JsonArray pairs) {
            for (Json pair : pairs.values()) {
                if (pair instanceof JsonArray two
                        && two.values().size() == 2
                        && two.values().getFirst() instanceof JsonString name
                        && two.values().getLast() instanceof JsonString value) {
                    arguments.put(name.value(), value.value());
                }
            }
        }
        var choices = new ArrayList<AttachmentRecord.Choice>();
        for (JsonFields plugin : fields.objects("implementations")) {
            choices.add(
                    new AttachmentRecord.Choice(
                            plugin.text("plugin"), ResultJson.text(plugin, "ipam")));
        }
        JsonFields capabilities = fields.optionalObject("capabilityArgs");
        JsonFields result = fields.optionalObject("result");
        var attachment =
                new Attachment(
                        fields.text("containerId"),
                        ResultJson.text(fields, "netns"),
                        fields.text("ifName"),
                        arguments,
                        Capabilities.of(
                                capabilities == null ? JsonObject.empty() : capabilities.json()));
        return new AttachmentRecord(
                network, attachment, choices, result == null ? null : result.json());
    }

    /** On disk when this returns. */
    void write(AttachmentRecord record) {
        Attachment attachment = record.attachment();
        NetworkConf network = record.network();
        byte[] conf = JsonWriter.compact().value(network.json()).bytes();
        var writer = JsonWriter.compact().beginObject().field("kind", KIND);
        writer.field("containerId", attachment.container());
        writer.field("config", Base64.getEncoder().encodeToString(conf));
        writer.field("ifName", attachment.link()).field("networkName", network.name());
        writer.optional("netns", attachment.namespace());
        writer.name("cniArgs").beginArray();
        attachment
                .arguments()
                .forEach((name, value) -> writer.beginArray().value(name).value(value).endArray());
        writer.endArray();
        writer.name("capabilityArgs").value(attachment.capabilities().json());
        writer.name("implementations").beginArray();
        for (AttachmentRecord.Choice choice : record.plugins()) {
            writer.beginObject().field("plugin", choice.plugin());
            writer.optional("ipam", choice.addresses()).endObject();
        }
        writer.endArray();
        JsonObject result = record.result();
        if (result != null) {
            writer.name("result").value(result);
        }
        StateFile.replace(file(network.name(), attachment.key()), writer.endObject().bytes());
    }

    /** One that a power cut brings back is of a container that has ended, and leaves once more. */
    void remove(String network, Attachment.Key key) {
        Path file = file(network, key);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw StateFile.refused(file, e);
        }
    }

    /** All there are; a file that says nothing sensible is passed over. */
    List<AttachmentRecord> list() {
        return list("");
    }

    /** The same of one container. */
    List<AttachmentRecord> of(String container) {
        return list("-" + container + "-").stream()
                .filter(record -> record.attachment().container().equals(container))
                .toList();
    }

    private List<AttachmentRecord> list(String part) {
        var records = new ArrayList<AttachmentRecord>();
        try (var entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (!entry.getFileName().toString().contains(part)) {
                    continue;
                }
                if (entry.toString().endsWith(UNFINISHED)) {
                    continue; // somebody is about to finish it
                }
                try {
                    AttachmentRecord record = read(entry);
                    if (record != null) {
                        records.add(record);
                    }
                } catch (Failure.Corrupt e) {
                    System.getLogger("dev.rung.network")
                            .log(System.Logger.Level.WARNING, e.getMessage());
                }
            }
        } catch (IOException e) {
            throw StateFile.refused(folder, e);
        }
        return records;
    }
}
