package dev.rung.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/** Skips, naming what is missing, unless the tests have this capability, by number and name. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(Conditions.Capabilities.class)
public @interface NeedsCapability {
    /** As the kernel numbers it, such as 24. */
    int number();

    /** For the reason given, such as CAP_SYS_RESOURCE. */
    String name();
}
