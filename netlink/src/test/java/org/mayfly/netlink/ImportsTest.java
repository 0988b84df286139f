package org.mayfly.netlink;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** This module stands on its own, and its rooms have the doors that they should. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS) // reading all classes takes seconds
final class ImportsTest {
    private static final String BASE = "org.mayfly.netlink";
    private static final List<String> COMMON = List.of("java..", "org.jspecify.annotations", BASE);

    private final JavaClasses main = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(BASE);

    @Test
    void theFoundationIsJavaAlone() {
        check(BASE);
    }

    @Test
    void theSystemIsCalledFromOnePlace() {
        check(BASE + ".sys", "jnr..", "com.kenai.jffi", BASE + ".sys");
        check(BASE + ".conn", BASE + ".sys", BASE + ".conn");
        check(BASE + ".bpf", BASE + ".sys", BASE + ".bpf");
    }

    @ParameterizedTest
    @ValueSource(strings = {"route", "diag", "nft", "conntrack"})
    void aFamilyKnowsTheConnectionAndNoOtherFamily(String family) {
        check(BASE + "." + family + "..", BASE + ".conn", BASE + "." + family + "..");
    }

    private void check(String room, String... more) {
        String[] allowed = Stream.concat(COMMON.stream(), Stream.of(more)).toArray(String[]::new);
        classes()
                .that()
                .resideInAPackage(room)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .check(main);
    }

    @Test
    void nothingIsStarted() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ProcessBuilder.class)
                .check(main);
        noClasses().should().callMethod(Runtime.class, "exec", String.class).check(main);
        noClasses().should().callMethod(Runtime.class, "exec", String[].class).check(main);
    }

    @Test
    void nothingGoesInCirclesAndNothingStaticChanges() {
        slices().matching(BASE + ".(*)..").should().beFreeOfCycles().check(main);
        fields().that().areStatic().should().beFinal().check(main);
    }
}
