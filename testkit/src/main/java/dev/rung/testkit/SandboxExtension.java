package dev.rung.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives each test the {@link Sandbox} that it asks for, and closes it. */
final class SandboxExtension implements ParameterResolver, AfterEachCallback, ExecutionCondition {
    private static final Namespace STORE = Namespace.create(SandboxExtension.class);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (System.getenv("RUNG_ISOLATED") == null) {
            return ConditionEvaluationResult.disabled(
                    "system tests need namespaces of their own: run ./test");
        }
        return Files.isExecutable(OciRuntime.binaryUnderTest())
                ? ConditionEvaluationResult.enabled("")
                : ConditionEvaluationResult.disabled("there is no " + OciRuntime.binaryUnderTest());
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Sandbox.class;
    }

    @Override
    public Sandbox resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Path home =
                context.getRoot()
                        .getStore(STORE)
                        .computeIfAbsent("home", _ -> makeHome(), Path.class);
        // The same for a test and for what runs before it.
        return context.getStore(STORE)
                .computeIfAbsent("sandbox", _ -> new Sandbox(home), Sandbox.class);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Sandbox sandbox = context.getStore(STORE).remove("sandbox", Sandbox.class);
        if (sandbox != null) {
            sandbox.close();
        }
    }

    /** One for the whole run, so that the resident stays warm, as it does for a user. */
    private static Path makeHome() {
        try {
            return Files.createTempDirectory("rung-home");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
