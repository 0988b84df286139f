package org.mayfly.knock;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "org.mayfly.knock", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule THE_PROTOCOL_IS_PLAIN_JAVA = classes()
            .that()
            .resideInAPackage("org.mayfly.knock")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("org.mayfly.knock", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule THE_CRYPTO_IS_TINK = classes()
            .that()
            .resideInAPackage("org.mayfly.knock.crypto")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "org.mayfly.knock",
                    "org.mayfly.knock.crypto",
                    "com.google.crypto.tink..",
                    "com.google.gson..",
                    "java..",
                    "javax.crypto..",
                    "org.jspecify..");

    @ArchTest
    static final ArchRule SECRETS_LEAVE_TINK_IN_ONE_PLACE = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("org.mayfly.knock.crypto.Cleartext")
            .should()
            .dependOnClassesThat()
            .haveSimpleName("InsecureSecretKeyAccess");
}
