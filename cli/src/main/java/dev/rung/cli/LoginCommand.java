package dev.rung.cli;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.ImageName;
import dev.rung.domain.KernelPath;
import dev.rung.image.registry.Credentials;
import dev.rung.image.registry.DockerConfig;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.Paths;
import dev.rung.linux.Terminals;
import dev.rung.resident.Ending;
import dev.rung.resident.OpenRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

final class LoginCommand implements Command {
    private static final int LONGEST_PASSWORD = 64 * 1024;
    private static final Duration PATIENCE = Duration.ofMillis(300);

    @Override
    public Synopsis synopsis() {
        return new Synopsis(
                "login",
                "[OPTIONS] [SERVER]",
                "Authenticate to a registry",
                WordCount.between(0, 1));
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(
                Switch.text("-p --password", "string", "Password or Personal Access Token (PAT)"),
                Switch.flag("--password-stdin", "Take the password or token from stdin"),
                Switch.text("-u --username", "string", "Username"));
    }

    @Override
    public List<String> examples() {
        return List.of(
                "login -u joe registry.example.com",
                "login -u joe --password-stdin registry.example.com < token");
    }

    @Override
    public Ending run(Invocation call) {
        String registry = registry(call.words());
        String wrong = wrongWords(call);
        if (!wrong.isEmpty()) {
            call.err(wrong + "\n");
            return new Ending.Exit(1);
        }
        DockerConfig config = PersonalConfig.of(call);
        if (!call.has("--username") && !call.has("--password") && known(call, registry, config)) {
            return DONE;
        }
        Credentials.Password told = ask(call);
        call.services().transfer().login(registry, config.as(told));
        if (config.store(registry, told)) {
            call.err(
                    "\nWARNING! Your credentials are stored unencrypted in '"
                            + PersonalConfig.side(call).file()
                            + "'.\nConfigure a credential helper to remove this warning. See\n"
                            + "https://docs.docker.com/go/credential-store/\n\n");
        }
        call.out("Login Succeeded\n");
        return DONE;
    }

    private static String wrongWords(Invocation call) {
        if (call.has("--password")) {
            if (call.flag("--password-stdin")) {
                return "conflicting options: cannot specify both --password and --password-stdin";
            }
            call.err("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
        }
        if (call.flag("--password-stdin") && call.text("--username").isEmpty()) {
            return "the --password-stdin option requires --username to be set";
        }
        boolean asks = !call.has("--password") && !call.flag("--password-stdin");
        if (asks && call.has("--username") && !call.caller().request().terminals().in()) {
            return "Error: Cannot perform an interactive login from a non TTY device";
        }
        return "";
    }

    /** Tries what is stored. */
    private static boolean known(Invocation call, String registry, DockerConfig config) {
        Credentials stored = config.find(registry);
        if (!stored.equals(Credentials.ANONYMOUS)) {
            call.out("Authenticating with existing credentials...");
            if (stored instanceof Credentials.Password password) {
                call.out(" [Username: " + password.user() + "]");
            }
            call.out("\n");
            try {
                call.services().transfer().login(registry, config.as(stored));
                call.out("\nLogin Succeeded\n");
                return true;
            } catch (Failure.Denied e) {
                call.err("Login did not succeed, error: " + e.getMessage() + "\n");
            }
        }
        if (!call.caller().request().terminals().in()) {
            throw new Failure.Invalid("Cannot perform an interactive login from a non TTY device");
        }
        return false;
    }

    private static Credentials.Password ask(Invocation call) {
        String user = call.text("--username");
        String password = call.text("--password");
        if (call.flag("--password-stdin")) {
            byte[] input = call.caller().readInput(LONGEST_PASSWORD);
            password = withoutLineEnd(new String(input, StandardCharsets.UTF_8));
        } else if (user.isEmpty() || password.isEmpty()) {
            try (Fd terminal = terminal(call)) {
                if (user.isEmpty()) {
                    call.out("Username: ");
                    user = line(call, terminal);
                }
                if (password.isEmpty()) {
                    password = hiddenLine(call, terminal);
                    call.out("\n");
                }
            } catch (ErrnoException e) {
                throw new Failure.HostRefused("read the terminal: " + Errno.phrase(e.errno()), e);
            }
        }
        if (user.isEmpty() || password.isEmpty()) {
            throw new Failure.Invalid(
                    user.isEmpty() ? "username is required" : "password is required");
        }
        return new Credentials.Password(user, password);
    }

    private static Fd terminal(Invocation call) throws ErrnoException {
        KernelPath path = KernelPath.of("/dev/tty");
        return call.caller().open(new OpenRequest(null, path, Paths.O_RDWR, 0)).orThrow(path);
    }

    /** Nobody types any more when the person has gone, as by an interrupt. */
    private static String line(Invocation call, Fd terminal) throws ErrnoException {
        while (!Terminals.isTyped(terminal, PATIENCE)) {
            call.caller().checkThere();
        }
        byte[] typed = Descriptors.readNext(terminal, LONGEST_PASSWORD);
        return withoutLineEnd(new String(typed, StandardCharsets.UTF_8)).strip();
    }

    /** Asked for only when what is typed is shown no more: somebody may type fast. */
    private static String hiddenLine(Invocation call, Fd terminal) throws ErrnoException {
        Terminals.Modes before = Terminals.hideTyping(terminal);
        try {
            call.out("Password: ");
            return line(call, terminal);
        } finally {
            Terminals.restore(terminal, before);
        }
    }

    private static String withoutLineEnd(String text) {
        String line = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }

    /** As people write it: with or without a scheme and a path; Docker Hub without any. */
    static String registry(List<String> words) {
        if (words.isEmpty()) {
            return ImageName.DOCKER_HUB;
        }
        String host = words.getFirst();
        int scheme = host.indexOf("://");
        host = scheme < 0 ? host : host.substring(scheme + 3);
        int slash = host.indexOf('/');
        host = slash < 0 ? host : host.substring(0, slash);
        boolean hub = host.equals("index.docker.io") || host.equals("registry-1.docker.io");
        return hub ? ImageName.DOCKER_HUB : host;
    }
}
