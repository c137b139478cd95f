package dev.rung.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/** Skips, naming what is missing, unless a {@link VirtualMachine} can be started. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@NeedsProgram({"qemu-system-x86_64", "cpio", "busybox"})
@ExtendWith(Conditions.CloudKernel.class)
public @interface NeedsVirtualMachine {}
