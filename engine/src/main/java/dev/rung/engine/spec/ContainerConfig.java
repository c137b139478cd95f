package dev.rung.engine.spec;

import dev.rung.domain.Failure;
import dev.rung.oci.json.JsonFields;
import dev.rung.oci.json.JsonNull;
import dev.rung.oci.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to the container wherever it runs (Docker's Config).
 *
 * @param hostname empty: the first twelve digits of the id
 * @param user NAME|UID[:GROUP|GID], empty: that of the image
 * @param stdinOnce whether stdin ends with the first client that was attached to it
 * @param entrypoint null: that of the image
 * @param exposedPorts such as 80/tcp
 * @param volumes paths of anonymous volumes
 * @param stopSignal empty: SIGTERM
 * @param stopTimeoutSeconds null: 10
 * @param healthCheck null: that of the image
 * @param client what is shown of who made it
 */
public record ContainerConfig(
        String hostname,
        String domainname,
        String user,
        boolean tty,
        boolean openStdin,
        boolean stdinOnce,
        List<String> env,
        List<String> cmd,
        @Nullable List<String> entrypoint,
        String image,
        String workingDir,
        Map<String, String> labels,
        List<String> exposedPorts,
        List<String> volumes,
        String stopSignal,
        @Nullable Long stopTimeoutSeconds,
        @Nullable HealthCheck healthCheck,
        ClientStreams client) {

    public ContainerConfig {
        if (!workingDir.isEmpty() && !workingDir.startsWith("/")) {
            throw new Failure.Invalid(
                    "the working directory '"
                            + workingDir
                            + "' is invalid, it needs to be an absolute path");
        }
        for (String variable : env) {
            if (variable.isEmpty() || variable.startsWith("=")) {
                throw new Failure.Invalid("invalid environment variable: " + variable);
            }
        }
    }

    public static ContainerConfig read(JsonFields fields) {
        return new ContainerConfig(
                Texts.orEmpty(fields, "Hostname"),
                Texts.orEmpty(fields, "Domainname"),
                Texts.orEmpty(fields, "User"),
                fields.flag("Tty"),
                fields.flag("OpenStdin"),
                fields.flag("StdinOnce"),
                fields.texts("Env"),
                fields.texts("Cmd"),
                fields.optionalTexts("Entrypoint"),
                Texts.orEmpty(fields, "Image"),
                Texts.orEmpty(fields, "WorkingDir"),
                fields.textMap("Labels"),
                Texts.names(fields, "ExposedPorts"),
                Texts.names(fields, "Volumes"),
                Texts.orEmpty(fields, "StopSignal"),
                fields.optionalInteger("StopTimeout", -1, Integer.MAX_VALUE),
                HealthCheck.read(fields.optionalObject("Healthcheck")),
                ClientStreams.read(fields));
    }

    public void write(JsonWriter to) {
        to.beginObject()
                .field("Hostname", hostname)
                .field("Domainname", domainname)
                .field("User", user)
                .field("Tty", tty)
                .field("OpenStdin", openStdin)
                .field("StdinOnce", stdinOnce)
                .field("Env", env);
        Texts.list(to, "Cmd", cmd);
        to.field("Image", image);
        Texts.set(to, "Volumes", volumes);
        to.field("WorkingDir", workingDir);
        if (entrypoint == null) {
            to.name("Entrypoint").value(JsonNull.NULL);
        } else {
            to.field("Entrypoint", entrypoint);
        }
        Texts.map(to, "Labels", labels);
        if (!exposedPorts.isEmpty()) {
            Texts.set(to, "ExposedPorts", exposedPorts);
        }
        to.optional("StopSignal", stopSignal);
        if (stopTimeoutSeconds != null) {
            to.field("StopTimeout", stopTimeoutSeconds);
        }
        if (healthCheck != null) {
            healthCheck.write(to.name("Healthcheck"));
        }
        client.write(to);
        to.endObject();
    }

    /** The same with another host name and other labels. */
    public ContainerConfig labelled(String newHostname, Map<String, String> newLabels) {
        return new ContainerConfig(
                newHostname,
                domainname,
                user,
                tty,
                openStdin,
                stdinOnce,
                env,
                cmd,
                entrypoint,
                image,
                workingDir,
                Map.copyOf(newLabels),
                exposedPorts,
                volumes,
                stopSignal,
                stopTimeoutSeconds,
                healthCheck,
                client);
    }

    /** The same with more variables, which count more. */
    public ContainerConfig with(List<String> moreEnv) {
        if (moreEnv.isEmpty()) {
            return this;
        }
        var all = new ArrayList<>(env);
        all.addAll(moreEnv);
        return new ContainerConfig(
                hostname,
                domainname,
                user,
                tty,
                openStdin,
                stdinOnce,
                List.copyOf(all),
                cmd,
                entrypoint,
                image,
                workingDir,
                labels,
                exposedPorts,
                volumes,
                stopSignal,
                stopTimeoutSeconds,
                healthCheck,
                client);
    }

    /** The same whose client has a terminal of that size, rows first. */
    public ContainerConfig sized(List<Long> terminal) {
        return new ContainerConfig(
                hostname,
                domainname,
                user,
                tty,
                openStdin,
                stdinOnce,
                env,
                cmd,
                entrypoint,
                image,
                workingDir,
                labels,
                exposedPorts,
                volumes,
                stopSignal,
                stopTimeoutSeconds,
                healthCheck,
                client.sized(terminal));
    }

    /** The same with another program and arguments. */
    public ContainerConfig running(List<String> argv) {
        return new ContainerConfig(
                hostname,
                domainname,
                user,
                tty,
                openStdin,
                stdinOnce,
                env,
                List.of(),
                List.copyOf(argv),
                image,
                workingDir,
                labels,
                exposedPorts,
                volumes,
                stopSignal,
                stopTimeoutSeconds,
                healthCheck,
                client);
    }

    /** Program and arguments: the entry point, then the command. */
    public List<String> argv() {
        if (entrypoint == null || entrypoint.isEmpty()) {
            return cmd;
        }
        var argv = new ArrayList<>(entrypoint);
        argv.addAll(cmd);
        return List.copyOf(argv);
    }
}
