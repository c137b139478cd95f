package dev.rung.cli;

import dev.rung.cli.show.Human;
import dev.rung.cli.show.Listing;
import dev.rung.cli.show.Listing.Column;
import dev.rung.domain.Failure;
import dev.rung.domain.Printable;
import dev.rung.engine.Secret;
import dev.rung.engine.Secrets;
import dev.rung.oci.json.JsonWriter;
import dev.rung.resident.Ending;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.OptionSpec;

/** "secret create", "ls", "inspect", "rm" and "exists", in podman's words. */
final class SecretCommand implements Command {
    private static final int LARGEST = 512_000;
    private static final Set<String> FILTERS = Set.of("id", "name");
    private static final List<Column> COLUMNS =
            List.of(
                    Column.usual("ID", "ID"),
                    Column.usual("Name", "NAME"),
                    Column.usual("Driver", "DRIVER"),
                    Column.usual("CreatedAt", "CREATED"),
                    Column.usual("UpdatedAt", "UPDATED"),
                    Column.other("Labels", "LABELS"));

    private final Kind kind;

    SecretCommand(Kind kind) {
        this.kind = kind;
    }

    enum Kind {
        CREATE,
        LS,
        INSPECT,
        RM,
        EXISTS
    }

    @Override
    public Synopsis synopsis() {
        return switch (kind) {
            case CREATE ->
                    new Synopsis(
                            "secret create",
                            "[OPTIONS] NAME FILE|-",
                            "Create a secret from a file or stdin",
                            WordCount.exactly(2));
            case LS -> new Synopsis("secret ls", "[OPTIONS]", "List secrets", WordCount.NONE);
            case INSPECT ->
                    new Synopsis(
                            "secret inspect",
                            "[OPTIONS] SECRET [SECRET...]",
                            "Inspect a secret; its value is not told",
                            WordCount.atLeast(1));
            case RM ->
                    new Synopsis(
                            "secret rm",
                            "[OPTIONS] SECRET [SECRET...]",
                            "Remove one or more secrets",
                            WordCount.atLeast(0));
            case EXISTS ->
                    new Synopsis(
                            "secret exists",
                            "SECRET",
                            "Check if a secret exists",
                            WordCount.exactly(1));
        };
    }

    @Override
    public List<OptionSpec> options() {
        return switch (kind) {
            case CREATE ->
                    List.of(
                            Switch.text("-d --driver", "string", "Secret driver; there is file"),
                            Switch.flag("--env", "Take it from a variable of the environment"),
                            Switch.texts("-l --label", "list", "Set labels on the secret"));
            case LS ->
                    List.of(
                            Switch.texts("-f --filter", "filter", "name=<name> or id=<id>"),
                            Switch.text(
                                    "--format",
                                    "string",
                                    "Format output by a Go template, table or json"),
                            Switch.flag("-q --quiet", "Print secret IDs only"));
            case INSPECT ->
                    List.of(
                            Switch.text(
                                    "-f --format",
                                    "string",
                                    "Format output by a Go template or json"));
            case RM ->
                    List.of(
                            Switch.flag("-a --all", "Remove all secrets"),
                            Switch.flag("-i --ignore", "Pass over secrets that are not there"));
            case EXISTS -> List.of();
        };
    }

    @Override
    public List<String> examples() {
        return switch (kind) {
            case CREATE ->
                    List.of(
                            "secret create db-password password.txt",
                            "run -d --secret db-password,mode=0400 postgres");
            case LS -> List.of("secret ls --format '{{.Name}}'");
            case INSPECT, RM, EXISTS -> List.of(name() + " db-password");
        };
    }

    @Override
    public Ending run(Invocation call) {
        Secrets secrets = call.services().engine().secrets();
        return switch (kind) {
            case CREATE -> create(call, secrets);
            case LS -> list(call, secrets);
            case INSPECT -> inspect(call, secrets);
            case RM -> remove(call, secrets);
            case EXISTS -> exists(call, secrets);
        };
    }

    private static Ending create(Invocation call, Secrets secrets) {
        String driver = call.text("--driver");
        if (!driver.isEmpty() && !driver.equals("file")) {
            throw new Failure.Invalid("invalid secret driver \"" + Printable.of(driver) + "\"");
        }
        String name = call.words().getFirst();
        byte[] value = value(call, call.words().getLast());
        call.out(secrets.create(name, value, call.pairs("--label")).id() + "\n");
        return DONE;
    }

    private static byte[] value(Invocation call, String source) {
        if (call.flag("--env")) {
            String value = call.environment().get(source);
            if (value == null) {
                throw new Failure.Invalid(
                        "cannot create store secret data: environment variable "
                                + Printable.of(source)
                                + " is not set");
            }
            return value.getBytes(StandardCharsets.UTF_8);
        } else if (source.equals("-")) {
            if (call.caller().request().terminals().in()) {
                throw new Failure.Invalid("if `-` is used, data must be passed into stdin");
            }
            return call.caller().readInput(LARGEST);
        }
        return call.read(call.absolute(source));
    }

    private static Ending list(Invocation call, Secrets secrets) {
        var filters = new Filters(call.texts("--filter"), FILTERS);
        var listing = new Listing(COLUMNS);
        Instant now = Instant.now();
        for (Secret secret : secrets.list()) {
            if (filters.fits("id", secret.id()::startsWith)
                    && filters.fits("name", secret.name()::contains)) {
                listing.add(
                        secret.labels(),
                        secret.id(),
                        secret.name(),
                        secret.driver(),
                        ago(secret.created(), now),
                        ago(secret.updated(), now),
                        VolumeCommand.labels(secret.labels()));
            }
        }
        call.out(call.flag("-q") ? listing.quiet("ID") : listing.print(call.text("--format")));
        return DONE;
    }

    private static String ago(Instant when, Instant now) {
        return Human.duration(Duration.between(when, now)) + " ago";
    }

    private static Ending inspect(Invocation call, Secrets secrets) {
        return Each.inspected(
                call,
                name -> {
                    Secret secret = secrets.get(name);
                    return json -> write(json, secret);
                });
    }

    private static void write(JsonWriter json, Secret secret) {
        json.beginObject()
                .field("ID", secret.id())
                .field("CreatedAt", secret.created().toString())
                .field("UpdatedAt", secret.updated().toString());
        json.name("Spec").beginObject().field("Name", secret.name());
        json.name("Driver").beginObject().field("Name", secret.driver());
        json.name("Options").beginObject().endObject().endObject();
        json.name("Labels").beginObject();
        secret.labels().forEach(json::field);
        json.endObject().endObject().endObject();
    }

    private static Ending remove(Invocation call, Secrets secrets) {
        boolean all = call.flag("--all");
        if (all == !call.words().isEmpty()) {
            throw new UsageError(
                    all
                            ? "--all and arguments cannot be used together"
                            : "must provide at least one secret name or id");
        }
        List<String> names = all ? secrets.list().stream().map(Secret::id).toList() : call.words();
        var named = new Invocation(call.caller(), call.services(), call.options(), names);
        return Each.of(
                named,
                name -> {
                    try {
                        return secrets.remove(name).id();
                    } catch (Failure.NotFound e) {
                        if (call.flag("--ignore")) {
                            return name;
                        }
                        throw e;
                    }
                });
    }

    private static Ending exists(Invocation call, Secrets secrets) {
        try {
            secrets.get(call.words().getFirst());
            return DONE;
        } catch (Failure.NotFound _) {
            return new Ending.Exit(1);
        }
    }
}
