package org.mayfly.knock.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.mayfly.knock.client.Ssh;

@AnalyzeClasses(packages = "org.mayfly.knock", importOptions = ImportOption.DoNotIncludeTests.class)
class ClientArchitectureTest {
    @ArchTest
    static final ArchRule ONLY_SSH_STARTS_A_PROCESS = noClasses()
            .that()
            .doNotBelongToAnyOf(Ssh.class)
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(ProcessBuilder.class, Process.class, ProcessHandle.class)
            .orShould()
            .callMethod(Runtime.class, "exec", String.class)
            .orShould()
            .callMethod(Runtime.class, "exec", String[].class)
            .orShould()
            .callMethod(Runtime.class, "exec", String.class, String[].class)
            .orShould()
            .callMethod(Runtime.class, "exec", String[].class, String[].class)
            .orShould()
            .callMethod(Runtime.class, "exec", String.class, String[].class, java.io.File.class)
            .orShould()
            .callMethod(Runtime.class, "exec", String[].class, String[].class, java.io.File.class)
            .because("no part of Mayfly runs another program, but for the ssh that the user asks for");

    @ArchTest
    static final ArchRule THE_CLIENT_IS_THE_PROTOCOL_AND_THE_JDK = classes()
            .that()
            .resideInAPackage("..knock.client..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", "org.mayfly.knock..")
            .because("it runs wherever Java does");

    @ArchTest
    static final ArchRule THE_COMMAND_ADDS_ONLY_ITS_PARSER_AND_JSON = classes()
            .that()
            .resideInAPackage("..knock.cli..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", "org.mayfly.knock..", "picocli..", "com.google.gson..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("org.mayfly.knock.(*)..").should().beFreeOfCycles();
}
