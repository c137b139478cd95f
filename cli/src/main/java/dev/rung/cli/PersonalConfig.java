package dev.rung.cli;

import dev.rung.domain.Errno;
import dev.rung.domain.Failure;
import dev.rung.domain.KernelPath;
import dev.rung.image.registry.DockerConfig;
import dev.rung.image.registry.PersonalSide;
import dev.rung.linux.Descriptors;
import dev.rung.linux.ErrnoException;
import dev.rung.linux.Fd;
import dev.rung.linux.FdOutputStream;
import dev.rung.program.Assembly;
import dev.rung.program.Bytes;
import dev.rung.program.ControlStep;
import dev.rung.program.FileStep;
import dev.rung.program.Label;
import dev.rung.program.Machine;
import dev.rung.program.Operand;
import dev.rung.program.Slot;
import dev.rung.program.Text;
import dev.rung.resident.OpenRequest;
import dev.rung.resident.Opened;
import dev.rung.resident.RunResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The config.json of the person who calls, and the programs that keep that person's secrets: read,
 * written and run by the front end, with the person's rights.
 */
final class PersonalConfig implements PersonalSide {
    private static final String USUAL_PATH = "/usr/local/bin:/usr/bin:/bin";
    private static final String MEMORY = "/dev/shm"; // what programs answer goes to no disk
    private static final int O_PATH = 0x200000;
    private static final int O_TMPFILE = 0x410000;
    private static final int LARGEST = 4 << 20;
    private static final int LONGEST_ANSWER = 64 * 1024;
    private static final int PATIENCE_MILLIS = 30_000;
    private static final int ANSWERED = 1;

    private final Invocation call;
    private final Map<String, String> environment;
    private final String file;

    private PersonalConfig(Invocation call, Map<String, String> environment, String file) {
        this.call = call;
        this.environment = environment;
        this.file = file;
    }

    /** That of the person; nothing is read before it is asked. */
    static DockerConfig of(Invocation call) {
        var side = side(call);
        return new DockerConfig(side.file, side);
    }

    static PersonalConfig side(Invocation call) {
        Map<String, String> environment = call.environment();
        String folder = environment.getOrDefault("DOCKER_CONFIG", "");
        if (folder.isEmpty()) {
            folder = environment.getOrDefault("HOME", "") + "/.docker";
        }
        return new PersonalConfig(call, environment, folder + "/config.json");
    }

    String file() {
        return file;
    }

    @Override
    public Map<String, String> environment() {
        return environment;
    }

    @Override
    public byte @Nullable [] read() {
        Opened opened = call.caller().open(OpenRequest.reading(file));
        if (opened.errno() == Errno.ENOENT || opened.errno() == Errno.ENOTDIR) {
            return null;
        }
        try (Fd fd = opened.orThrow(file)) {
            return Descriptors.readAll(fd, LARGEST);
        } catch (ErrnoException e) {
            throw new Failure.HostRefused("read " + file + ": " + Errno.phrase(e.errno()), e);
        }
    }

    @Override
    public void replace(byte[] text) {
        PersonFile.makeFolderOf(call, file);
        try (var replaced = PersonFile.replacing(call, file);
                var out = new FdOutputStream(replaced.fd(), file)) {
            out.write(text);
            replaced.finish();
        } catch (IOException e) {
            throw new Failure.HostRefused(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public Answer run(String program, String word, String input) {
        Text path = Text.of(find(program));
        var assembly = new Assembly(Machine.own());
        var steps = assembly.stream(0);
        Slot out =
                steps.add(
                                new FileStep.Openat(
                                        Operand.CWD,
                                        Text.of(MEMORY),
                                        O_TMPFILE | FileStep.O_RDWR | FileStep.O_CLOEXEC,
                                        0600),
                                new Label("", program + ": make a file in " + MEMORY))
                        .into("answer");
        steps.add(new ControlStep.Output(out, Operand.NONE), Label.NONE);
        Slot status =
                steps.add(
                                new ControlStep.Spawn(
                                        path,
                                        List.of(path, Text.of(word)),
                                        null,
                                        Bytes.of(input),
                                        PATIENCE_MILLIS),
                                new Label("", program))
                        .toleratingAll()
                        .into("status");
        steps.add(new ControlStep.Phase(ANSWERED, out), Label.NONE);
        var answer = new byte[1][];
        call.caller().seal();
        RunResult result =
                call.caller()
                        .run(
                                assembly.build().bytes(),
                                (_, descriptors) -> {
                                    answer[0] = answer(program, descriptors.getFirst());
                                    return List.of();
                                });
        var failure = result.failure();
        if (failure != null) {
            throw new Failure.Unavailable(
                    failure.say() + ": " + Errno.phrase(failure.error()), null);
        }
        long ended = result.slot(status.index());
        if (ended == -Errno.ETIMEDOUT) {
            throw new Failure.Unavailable(program + ": no answer in 30 seconds", null);
        }
        return new Answer(ended == 0, new String(answer[0], StandardCharsets.UTF_8));
    }

    private static byte[] answer(String program, Fd written) {
        try {
            return Descriptors.readAll(written, LONGEST_ANSWER);
        } catch (ErrnoException e) {
            throw new Failure.Unavailable(program + ": " + Errno.phrase(e.errno()), e);
        }
    }

    /** In the person's own PATH, not in the engine's. */
    private String find(String program) {
        var places = new ArrayList<String>();
        var requests = new ArrayList<OpenRequest>();
        for (String folder : environment.getOrDefault("PATH", USUAL_PATH).split(":")) {
            if (folder.startsWith("/")) {
                places.add(folder + "/" + program);
                requests.add(new OpenRequest(null, KernelPath.of(places.getLast()), O_PATH, 0));
            }
        }
        String found = null;
        List<Opened> opened = call.caller().open(requests);
        for (int i = 0; i < opened.size(); i++) {
            Fd fd = opened.get(i).descriptor();
            if (fd != null) {
                found = found == null ? places.get(i) : found;
                fd.close();
            }
        }
        if (found == null) {
            throw new Failure.Unavailable(program + ": executable file not found in PATH", null);
        }
        return found;
    }
}
