package dev.rung.cli;

import dev.rung.cli.show.Waterfall;
import dev.rung.cli.show.WaterfallSvg;
import dev.rung.cli.show.WaterfallText;
import dev.rung.engine.ContainerView;
import dev.rung.engine.StartTrace;
import dev.rung.oci.json.JsonWriter;
import dev.rung.resident.Ending;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.OptionSpec;

final class TraceCommand implements Command {
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "trace",
                "[OPTIONS] CONTAINER",
                "Show how long each part of a container's start took",
                WordCount.exactly(1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.flag("--json", "Print it as JSON, times in nanoseconds"),
                Switch.text("--svg", "file", "Write it to the file as a picture"));
    }

    @Override
    public List<String> examples() {
        return List.of("trace web", "trace --svg web.svg web");
    }

    @Override
    public Ending run(Invocation call) throws IOException {
        String name = call.words().getFirst();
        ContainerView container = call.services().containers().get(name);
        StartTrace trace = call.services().containers().trace(name);
        if (call.flag("--json")) {
            call.out(json(container, trace) + "\n");
            return DONE;
        }
        var waterfall = new Waterfall(title(container, trace), trace);
        if (call.has("--svg")) {
            byte[] picture = WaterfallSvg.of(waterfall).getBytes(StandardCharsets.UTF_8);
            Sink.write(call, call.absolute(call.text("--svg")), out -> out.write(picture));
            return DONE;
        }
        boolean colours = call.caller().request().terminals().out();
        call.out(WaterfallText.of(waterfall, Terminal.width(call), colours));
        return DONE;
    }

    private static String title(ContainerView container, StartTrace trace) {
        return container.record().name()
                + " · "
                + container.record().config().image()
                + " · "
                + trace.runtime()
                + " · "
                + MOMENT.format(trace.began());
    }

    private static String json(ContainerView container, StartTrace trace) {
        var to = JsonWriter.indented("    ");
        to.beginObject()
                .field("Id", container.record().id().value())
                .field("Name", container.record().name().value())
                .field("Image", container.record().config().image())
                .field("Runtime", trace.runtime())
                .field("Began", trace.began().toString())
                .field("Nanos", trace.nanos())
                .field("WaitedNanos", trace.waitedNanos())
                .field("Steps", trace.steps())
                .name("Parts")
                .beginArray();
        for (StartTrace.Part part : trace.parts()) {
            to.beginObject()
                    .field("Area", part.area().name().toLowerCase(Locale.ROOT))
                    .field("Name", part.name())
                    .field("Detail", part.detail())
                    .field("FromNanos", part.fromNanos())
                    .field("ToNanos", part.toNanos())
                    .endObject();
        }
        return new String(to.endArray().endObject().bytes(), StandardCharsets.UTF_8);
    }
}
