package dev.rung.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A small machine, booted for one run: cgroup v2 with every controller, every capability, AppArmor,
 * a kernel of Debian's; {@code scripts/vm} says more. Emulated, so a JVM takes some seconds to
 * start in it; a class of tests boots one machine and does all its acts there.
 */
public final class VirtualMachine {
    /** The folder in the machine where the runtime under test stands, with its name as usual. */
    private static final String RUNG = "/opt/rung";

    private static final Path SCRIPT = Path.of("scripts/vm").toAbsolutePath();
    private static final Path INSTALL = Path.of("scripts/install").toAbsolutePath();

    private final List<String> options = new ArrayList<>();
    private Duration limit = Duration.ofMinutes(4);

    /** Carries busybox and nothing else yet. */
    public VirtualMachine() {}

    /** Carries a file or a folder along. */
    public VirtualMachine file(Path source, String target) {
        return option("--file", source + "=" + target);
    }

    /** Carries a program of this machine along, and the libraries that it needs. */
    public VirtualMachine program(String path) {
        return option("--program", path);
    }

    /** Loads a kernel module, such as overlay. */
    public VirtualMachine module(String name) {
        return option("--module", name);
    }

    /** Adds to the kernel's command line, such as {@code security=selinux}. */
    public VirtualMachine kernelArguments(String text) {
        return option("--append", text);
    }

    /** How much memory it has, 1024 MiB otherwise. */
    public VirtualMachine memory(int mebibytes) {
        return option("--memory", Integer.toString(mebibytes));
    }

    /** How long it may take from boot to end, four minutes otherwise. */
    public VirtualMachine within(Duration time) {
        limit = time;
        return this;
    }

    /**
     * Carries the runtime under test along, with a JDK when it is Rung's own, and the observer;
     * acts call it as {@code runtime}.
     *
     * @param folder for what has to be made first
     */
    public VirtualMachine withRuntime(Path folder) {
        Path binary = OciRuntime.binaryUnderTest();
        boolean isRung = binary.getFileName().toString().equals("rung-oci");
        if (isRung) {
            Path installed = folder.resolve("installed");
            Command.of(INSTALL.toString(), "--prefix", installed.toString(), "--with-java")
                    .with("JAVA_HOME", System.getProperty("java.home"))
                    .within(Duration.ofMinutes(2))
                    .succeed();
            file(installed, RUNG);
            program(installed.resolve("lib/jdk/bin/java").toString());
            program(installed.resolve("lib/jdk/lib/server/libjvm.so").toString());
        } else {
            program(binary.toString());
        }
        String called = isRung ? RUNG + "/bin/rung-oci" : binary.toString();
        return file(
                write(folder.resolve("runtime"), "#!/bin/sh\nexec " + called + " \"$@\"\n", true),
                "/bin/runtime");
    }

    /** Runs one script as root; its stdout and stderr come together. */
    public Outcome run(String script) {
        Path file = write(tempFile(), script, false);
        try {
            var arguments = new ArrayList<>(List.of(SCRIPT.toString()));
            arguments.addAll(options);
            arguments.addAll(List.of("--limit", Long.toString(limit.toSeconds()), file.toString()));
            return Command.of(arguments).within(limit.plusSeconds(30)).run();
        } finally {
            delete(file);
        }
    }

    /**
     * Runs scripts one after another in one machine, each a process of its own, in the given order.
     */
    public Map<String, Outcome> runAll(Map<String, String> acts) {
        var driver = new StringBuilder();
        acts.forEach((name, script) ->
                driver.append("cat >/act <<'end of act'\n")
                        .append(script)
                        .append("\nend of act\n")
                        .append("sh /act >/act.out 2>/act.err </dev/null; status=$?\n")
                        .append("echo \"vm: act $status ")
                        .append(name)
                        .append("\"; cat /act.out; echo 'vm: errors'; cat /act.err\n")
                        .append("echo 'vm: end'\n"));
        Outcome whole = run(driver.toString()).succeeded();
        var outcomes = new LinkedHashMap<String, Outcome>();
        for (String part : whole.output().split("(?m)^vm: act ")) {
            if (!part.isEmpty()) {
                String[] head = part.substring(0, part.indexOf('\n')).split(" ", 2);
                String body = part.substring(part.indexOf('\n') + 1);
                int errors = body.indexOf("vm: errors\n");
                int end = body.lastIndexOf("vm: end");
                outcomes.put(
                        head[1],
                        new Outcome(
                                List.of(head[1]),
                                Integer.parseInt(head[0]),
                                body.substring(0, errors),
                                body.substring(errors + "vm: errors\n".length(), end)));
            }
        }
        return outcomes;
    }

    private VirtualMachine option(String name, String value) {
        options.add(name);
        options.add(value);
        return this;
    }

    private static Path tempFile() {
        try {
            return Files.createTempFile("rung-script", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path write(Path file, String text, boolean executable) {
        try {
            Files.write(file, text.getBytes(StandardCharsets.UTF_8));
            if (executable && !file.toFile().setExecutable(true, false)) {
                throw new IOException("cannot make executable: " + file);
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
