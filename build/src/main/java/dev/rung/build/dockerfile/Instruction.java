package dev.rung.build.dockerfile;

import dev.rung.oci.image.ContainerDefaults.Healthcheck;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One instruction as it is written; variables in it are not replaced yet. */
public sealed interface Instruction {
    Source source();

    /** What changes nothing but what the image says of its containers. */
    sealed interface Setting extends Instruction {}

    /**
     * Where it stands.
     *
     * @param line of the Dockerfile, from 1
     * @param text all of it as one line
     */
    record Source(int line, String text) {}

    /**
     * A name with a value.
     *
     * @param value null where ARG leaves it open
     * @param spaced written without an equals sign: ENV NAME VALUE
     */
    record Variable(String name, @Nullable String value, boolean spaced) {
        @Override
        public String toString() {
            return value == null ? name : name + "=" + value;
        }
    }

    /**
     * A text that follows the instruction.
     *
     * @param expands whether variables are replaced in it
     * @param strips whether tabs at the beginning of its lines are not part of it
     * @param descriptor the number before its sign, 0 for none
     */
    record Heredoc(String name, int descriptor, boolean expands, boolean strips, String content) {
        /** What it is to hold. */
        public String text() {
            return strips ? content.replaceAll("(?m)^\t+", "") : content;
        }
    }

    /**
     * What is run.
     *
     * @param shell whether it is one line for the shell; else program and arguments
     * @param heredocs of a line for the shell
     */
    record CommandLine(boolean shell, List<String> words, List<Heredoc> heredocs) {}

    /** FROM; platform is empty where none is given. */
    record From(Source source, String base, @Nullable String name, String platform)
            implements Instruction {}

    record Arg(Source source, List<Variable> variables) implements Instruction {}

    record Env(Source source, List<Variable> variables) implements Setting {}

    /** LABEL; literal: variables are not replaced, as in what a client asks for. */
    record Label(Source source, List<Variable> labels, boolean literal) implements Setting {}

    /**
     * RUN.
     *
     * @param mounts as written, since variables may stand in them
     * @param network default, none or host
     * @param security sandbox or insecure
     */
    record Run(
            Source source,
            CommandLine command,
            List<String> mounts,
            String network,
            String security)
            implements Instruction {}

    record Cmd(Source source, CommandLine command) implements Setting {}

    record Entrypoint(Source source, CommandLine command) implements Setting {}

    /**
     * COPY or ADD.
     *
     * @param add whether archives are unpacked and addresses fetched
     * @param contents sources that stand in the Dockerfile itself
     */
    record Copy(
            Source source,
            boolean add,
            List<String> sources,
            List<Heredoc> contents,
            String destination,
            CopyFlags flags)
            implements Instruction {}

    /**
     * How files are copied.
     *
     * @param from a stage or an image; empty: the context
     * @param chown USER[:GROUP], empty: root
     * @param chmod in octal, empty: as they are
     * @param link whether links at the destination are not followed, so that the layer stands alone
     * @param parents whether the sources' own folders are kept
     * @param checksum of what is fetched, empty: any
     * @param unpack whether archives are unpacked, null: local ones are
     */
    record CopyFlags(
            String from,
            String chown,
            String chmod,
            boolean link,
            boolean parents,
            List<String> excludes,
            String checksum,
            @Nullable Boolean unpack) {}

    record Expose(Source source, List<String> ports) implements Setting {}

    record Volume(Source source, List<String> paths) implements Setting {}

    record User(Source source, String user) implements Setting {}

    record Workdir(Source source, String path) implements Instruction {}

    record StopSignal(Source source, String signal) implements Setting {}

    record Maintainer(Source source, String text) implements Instruction {}

    /** ONBUILD; the trigger is an instruction for images built from this one. */
    record OnBuild(Source source, String trigger) implements Setting {}

    record Health(Source source, Healthcheck check) implements Setting {}

    record Shell(Source source, List<String> shell) implements Setting {}
}
