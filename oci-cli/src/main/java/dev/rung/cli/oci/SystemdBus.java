package dev.rung.cli.oci;

import dev.rung.domain.Failure;
import dev.rung.host.systemd.Message;
import dev.rung.host.systemd.Property;
import dev.rung.host.systemd.Request;
import dev.rung.host.systemd.Value;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FdInputStream;
import dev.rung.linux.FdOutputStream;
import dev.rung.linux.Sockets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Talks to systemd over a connection that the front end made, one question after another. Waits for
 * up to half a minute for each answer, on the thread that asks.
 */
final class SystemdBus implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int MOST_SIGNALS = 10_000;

    /**
     * "EXTERNAL" without a name: whoever the kernel says that connected (D-Bus specification,
     * "Authentication Protocol"). All is said at once, as systemd's own library does.
     */
    private static final String GREETING = "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n";

    private final FdInputStream in;
    private final FdOutputStream out;
    private final Map<String, String> jobs = new HashMap<>();
    private int serial;

    private SystemdBus(FdInputStream in, FdOutputStream out) {
        this.in = in;
        this.out = out;
    }

    /** What systemd does not want to do, by the name of D-Bus. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        private final String name;

        Refused(String name, String message) {
            super(message);
            this.name = name;
        }

        boolean is(String last) {
            return name.endsWith("." + last);
        }
    }

    /**
     * Introduces us.
     *
     * @param throughBus whether somebody stands between, who wants to be asked for signals
     */
    static SystemdBus over(Fd connection, boolean throughBus) {
        var bus =
                new SystemdBus(
                        new FdInputStream(connection, "from systemd"),
                        new FdOutputStream(connection, "to systemd"));
        try {
            Sockets.setReceiveTimeout(connection, LIMIT);
            bus.greet();
            if (throughBus) {
                bus.ask(Request.hello());
                bus.ask(Request.matchJobs());
            }
            bus.ask(Request.subscribe());
            return bus;
        } catch (ErrnoException | Refused | Failure e) {
            bus.close();
            throw new Failure.HostRefused("failed to connect to dbus: " + e.getMessage(), e);
        }
    }

    private void greet() {
        try {
            out.write(GREETING.getBytes(StandardCharsets.US_ASCII));
            String line = line();
            if (line.equals("DATA")) {
                line = line();
            }
            if (!line.startsWith("OK ")) {
                throw new Failure.HostRefused("it said \"" + line + "\" to our greeting", null);
            }
        } catch (IOException e) {
            throw lost(e);
        }
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        while (line.length() < 1024) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("it closed the connection");
            } else if (next == '\n') {
                return line.toString().strip();
            }
            line.append((char) next);
        }
        throw new IOException("it said something else than D-Bus");
    }

    /** The version of systemd. */
    int version() throws Refused {
        String text = "";
        if (ask(Request.property("Version")).body().getFirst()
                instanceof Value.Boxed(Value.Words words)) {
            text = words.value().replaceFirst("^v?([0-9]{1,6}).*$", "$1");
        }
        return text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 0;
    }

    /** Makes a unit, one that failed before and is still remembered notwithstanding. */
    void start(String unit, List<Property> properties) throws Refused {
        Message answer;
        try {
            answer = ask(Request.startUnit(unit, properties));
        } catch (Refused e) {
            if (!e.is("UnitExists")) {
                throw e;
            }
            reset(unit);
            answer = ask(Request.startUnit(unit, properties));
        }
        String outcome = await(answer);
        if (!outcome.equals("done")) {
            reset(unit);
            throw new Refused(
                    "", "error creating systemd unit `" + unit + "`: got `" + outcome + "`");
        }
    }

    void change(String unit, List<Property> properties) throws Refused {
        ask(Request.setProperties(unit, properties));
    }

    /** Ends a unit and whatever runs in it, and forgets it; one that is not there is no failure. */
    void stop(String unit) throws Refused {
        try {
            await(ask(Request.stopUnit(unit)));
        } catch (Refused e) {
            if (!e.is("NoSuchUnit")) {
                throw e;
            }
        }
        reset(unit);
    }

    private void reset(String unit) {
        try {
            ask(Request.resetFailedUnit(unit));
        } catch (Refused _) {
            // it did not fail, and is gone by itself
        }
    }

    /** Waits for the end of the job that an answer names. */
    private String await(Message answer) {
        String job = answer.text(0);
        for (int i = 0; i < MOST_SIGNALS; i++) {
            String outcome = jobs.get(job);
            if (outcome != null) {
                return outcome;
            }
            note(receive());
        }
        throw new Failure.Unavailable("systemd does not tell of the end of job " + job, null);
    }

    private Message ask(Request request) throws Refused {
        serial++;
        try {
            out.write(request.toBytes(serial));
        } catch (IOException e) {
            throw lost(e);
        }
        for (int i = 0; i < MOST_SIGNALS; i++) {
            Message message = receive();
            if (message.replyTo() == serial && message.kind() == Message.Kind.ANSWER) {
                return message;
            } else if (message.replyTo() == serial && message.kind() == Message.Kind.ERROR) {
                String text = message.text(0);
                throw new Refused(message.error(), text == null ? message.error() : text);
            }
            note(message);
        }
        throw new Failure.Unavailable("systemd does not answer " + request.member(), null);
    }

    /** JobRemoved: number, path, unit and outcome of a job. */
    private void note(Message message) {
        String job = message.text(1);
        String outcome = message.text(3);
        if (message.member().equals("JobRemoved") && job != null && outcome != null) {
            jobs.put(job, outcome);
        }
    }

    private Message receive() {
        try {
            byte[] fixed = whole(Message.FIXED);
            var all = new byte[Message.size(fixed)];
            System.arraycopy(fixed, 0, all, 0, fixed.length);
            byte[] rest = whole(all.length - fixed.length);
            System.arraycopy(rest, 0, all, fixed.length, rest.length);
            return Message.of(all);
        } catch (IOException e) {
            throw lost(e);
        }
    }

    private byte[] whole(int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new IOException("it closed the connection");
        }
        return bytes;
    }

    private static Failure lost(IOException e) {
        return new Failure.Unavailable("lost systemd: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        in.close();
        out.close();
    }
}
