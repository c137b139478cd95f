package dev.rung.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.rung.architecture.Rooms.Room;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rules that the modules cannot hold, checked on the compiled classes of all rooms. */
class CodeTests {
    private static final String TOUCHES_THE_MACHINE =
            "dev.rung.host.compile is a pure function of config and host description";

    private static JavaClasses classes = new ClassFileImporter().importClasses();

    @BeforeAll
    static void readClasses() throws Exception {
        classes =
                new ClassFileImporter()
                        .importPaths(
                                Rooms.all().stream()
                                        .filter(room -> !room.isGenerated())
                                        .map(Room::classes)
                                        .toList());
        assertThat(classes.size()).isGreaterThan(100);
    }

    @Test
    void shouldNameClassesByTheirRole() {
        noClasses()
                .should()
                .haveNameMatching(".*(Util|Utils|Manager|Helper|Helpers|Impl)")
                .because("a name says the role in the domain's own nouns")
                .check(classes);
    }

    @Test
    void shouldCallNativeCodeFromOneRoomOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.rung.linux..")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Linker.class, SymbolLookup.class)
                .because("downcalls live in the room linux")
                .check(classes);
    }

    @Test
    void shouldPrintOnlyFromMainClasses() {
        noClasses()
                .that()
                .haveSimpleNameNotEndingWith("Main")
                .should()
                .accessFieldWhere(isStandardStream())
                .because("what a person sees is chosen by a command line")
                .check(classes);
    }

    @Test
    void shouldCompileWithoutTouchingTheMachine() {
        noClasses()
                .that()
                .resideInAPackage("dev.rung.host.compile..")
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(
                                "dev.rung.linux..",
                                "java.net..",
                                "java.nio.channels..",
                                "java.time..",
                                "java.util.concurrent"))
                .orShould()
                .dependOnClassesThat(
                        named(
                                "java.io.File",
                                "java.io.FileInputStream",
                                "java.io.FileOutputStream",
                                "java.io.FileReader",
                                "java.io.FileWriter",
                                "java.io.RandomAccessFile",
                                "java.lang.ProcessBuilder",
                                "java.lang.Runtime",
                                "java.lang.Thread",
                                "java.nio.file.Files",
                                "java.security.SecureRandom",
                                "java.util.Random"))
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .orShould()
                .callMethod(System.class, "getProperty", String.class)
                .because(TOUCHES_THE_MACHINE)
                .allowEmptyShould(true)
                .check(classes);
    }

    @Test
    void shouldUseNoReflection() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.rung.testkit..") // JUnit shows parameters that way
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.reflect..")
                .orShould()
                .callMethod(Class.class, "forName", String.class)
                .because("an ahead-of-time cache and a reader both see only what is called by name")
                .check(classes);
    }

    @Test
    void shouldHaveNoMutableStaticState() {
        fields().that().areStatic().should().beFinal().check(classes);
    }

    @Test
    void shouldHaveNoCyclesOfPackages() {
        slices().matching("dev.rung.(**)").should().beFreeOfCycles().check(classes);
    }

    private static DescribedPredicate<JavaAccess<?>> isStandardStream() {
        return describe(
                "System.out or System.err",
                access ->
                        access.getTargetOwner().isEquivalentTo(System.class)
                                && Set.of("out", "err").contains(access.getName()));
    }

    private static DescribedPredicate<JavaClass> named(String... names) {
        Set<String> banned = Set.of(names);
        return describe("one of " + banned, target -> banned.contains(target.getName()));
    }
}
