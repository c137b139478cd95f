package dev.rung.testkit;

import static org.junit.platform.commons.support.AnnotationSupport.findAnnotation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The checks behind the {@code @Needs…} annotations; the reason is what the test run prints. */
final class Conditions {
    private Conditions() {}

    /** Behind {@link NeedsRoot}. */
    static final class Root implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            String uid = statusField("Uid").split("\\s+")[1];
            return met(uid.equals("0"), "needs root, runs as uid " + uid);
        }
    }

    /** Behind {@link NeedsProgram}. */
    static final class Programs implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            List<String> missing =
                    findAnnotation(context.getElement(), NeedsProgram.class).stream()
                            .flatMap(needed -> Arrays.stream(needed.value()))
                            .filter(program -> !isInstalled(program))
                            .toList();
            return met(missing.isEmpty(), "not installed: " + String.join(", ", missing));
        }

        private static boolean isInstalled(String program) {
            return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve(program)));
        }
    }

    /** Behind {@link NeedsCapability}. */
    static final class Capabilities implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            long effective = Long.parseUnsignedLong(statusField("CapEff"), 16);
            List<String> missing =
                    findAnnotation(context.getElement(), NeedsCapability.class).stream()
                            .filter(needed -> (effective >>> needed.number() & 1) == 0)
                            .map(NeedsCapability::name)
                            .toList();
            return met(missing.isEmpty(), "needs " + String.join(", ", missing));
        }
    }

    /** Behind {@link NeedsVirtualMachine}. */
    static final class CloudKernel implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            try (Stream<Path> kernels = Files.list(Path.of("/boot"))) {
                return met(
                        kernels.anyMatch(kernel -> kernel.toString().endsWith("-cloud-amd64")),
                        "not installed: linux-image-cloud-amd64");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Behind {@link NeedsController}. */
    static final class Controllers implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            List<String> missing =
                    findAnnotation(context.getElement(), NeedsController.class).stream()
                            .map(NeedsController::value)
                            .filter(controller -> !isThere(controller))
                            .toList();
            return met(missing.isEmpty(), "no cgroup controller " + String.join(", ", missing));
        }

        private static boolean isThere(String controller) {
            Path root = Path.of("/sys/fs/cgroup");
            Path unified = root.resolve("cgroup.controllers");
            return Files.isDirectory(root.resolve(controller))
                    || (Files.exists(unified)
                            && List.of(read(unified).strip().split(" ")).contains(controller));
        }
    }

    private static ConditionEvaluationResult met(boolean met, String reason) {
        return met
                ? ConditionEvaluationResult.enabled("")
                : ConditionEvaluationResult.disabled(reason);
    }

    private static String statusField(String name) {
        return read(Path.of("/proc/self/status"))
                .lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
