package dev.rung.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A class whose tests run for real, as root: each may take a {@link Sandbox} as parameter, has a
 * minute, and must leave no mount, cgroup, process or state behind. {@code ./test} runs them one
 * after another in namespaces and a cgroup subtree of their own; Maven alone leaves them out.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("system")
@NeedsRoot
@Timeout(60)
@ExtendWith(SandboxExtension.class)
public @interface SystemTest {}
