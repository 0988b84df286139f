package org.mayfly.agent;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mayfly.knock.Packet;
import org.mayfly.netlink.MessageWriter;

/** Who may import whom, in all modules: this one sees them all. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArchitectureTest {
    private static final String SSH = "org.mayfly.knock.client.Ssh";

    /** What everybody may use. */
    private static final List<String> COMMON =
            List.of("java..", "javax.crypto..", "org.jspecify.annotations", "com.google.errorprone.annotations..");

    private static final String[] NETLINK = {"org.mayfly.netlink", "org.mayfly.netlink.sys", "org.mayfly.netlink.conn"};
    private static final String KNOCK = "org.mayfly.knock";
    private static final String CRYPTO = "org.mayfly.knock.crypto";
    private static final String CORE = "org.mayfly.agent.core";
    private static final String GSON = "com.google.gson..";

    /** A package, and what it may import besides itself and what is common. */
    private static final Map<String, List<String>> ROOMS = Map.ofEntries(
            Map.entry("org.mayfly.netlink", List.of()),
            // jffi is the lower half of jnr-ffi: it alone tells the address of a direct buffer without allocating.
            Map.entry("org.mayfly.netlink.sys", List.of("jnr..", "com.kenai.jffi", "org.mayfly.netlink")),
            Map.entry("org.mayfly.netlink.conn", List.of("org.mayfly.netlink", "org.mayfly.netlink.sys")),
            Map.entry("org.mayfly.netlink.route", List.of(NETLINK)),
            Map.entry("org.mayfly.netlink.nft..", List.of(NETLINK)),
            Map.entry("org.mayfly.netlink.diag", List.of(NETLINK)),
            Map.entry("org.mayfly.netlink.conntrack", List.of(NETLINK)),
            Map.entry("org.mayfly.netlink.bpf", List.of("org.mayfly.netlink", "org.mayfly.netlink.sys")),
            Map.entry(KNOCK, List.of()),
            Map.entry(CRYPTO, List.of(KNOCK, "com.google.crypto.tink..", GSON)),
            Map.entry("org.mayfly.knock.client", List.of(KNOCK, CRYPTO, GSON)),
            Map.entry("org.mayfly.knock.cli", List.of(KNOCK, CRYPTO, "org.mayfly.knock.client", GSON, "picocli")),
            Map.entry(CORE, List.of(KNOCK)),
            Map.entry("org.mayfly.agent.kernel", List.of(CORE, KNOCK, "org.mayfly.netlink..")),
            Map.entry(
                    "org.mayfly.agent.gate",
                    List.of(CORE, KNOCK, "org.mayfly.netlink", "org.mayfly.netlink.bpf", "org.mayfly.netlink.route")),
            Map.entry("org.mayfly.agent.net", List.of(CORE, KNOCK, "org.mayfly.netlink..", "io.netty..")),
            Map.entry(
                    "org.mayfly.agent.relay",
                    List.of(CORE, KNOCK, "org.mayfly.agent.net", "org.mayfly.netlink..", "io.netty..")),
            Map.entry("org.mayfly.agent.admin", List.of("jnr.unixsocket..", "jnr.enxio..", GSON)),
            Map.entry(
                    "org.mayfly.agent.cli",
                    List.of("org.mayfly.agent.admin", "org.mayfly.agent.config", GSON, "picocli")),
            Map.entry(
                    "org.mayfly.agent.config",
                    List.of(CORE, KNOCK, "org.mayfly.agent.relay", "org.mayfly.agent.translate", "org.tomlj..")),
            Map.entry("org.mayfly.agent.state", List.of(CORE, KNOCK, CRYPTO, GSON)),
            Map.entry("org.mayfly.agent.dns", List.of(CORE, KNOCK)),
            Map.entry(
                    "org.mayfly.agent.translate",
                    List.of(KNOCK, "org.mayfly.agent.net", "org.mayfly.agent.relay", "io.netty..")),
            Map.entry("org.mayfly.agent.runtime", List.of("..")));

    private JavaClasses everything = new ClassFileImporter().importClasses();

    @BeforeAll
    void read() {
        everything = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importPackages("org.mayfly");
        for (Class<?> one : List.of(MessageWriter.class, Packet.class)) {
            assertTrue(everything.contain(one), () -> "not looked at: " + one);
        }
    }

    static Stream<String> rooms() {
        return ROOMS.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void importsOnlyWhatItMay(String room) {
        List<String> allowed = new ArrayList<>(COMMON);
        allowed.add(room);
        allowed.addAll(ROOMS.getOrDefault(room, List.of()));
        // Some rooms are not furnished yet.
        classes()
                .that()
                .resideInAPackage(room)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed.toArray(String[]::new))
                .allowEmptyShould(true)
                .check(everything);
    }

    @Test
    void hasARoomForEveryClass() {
        classes()
                .should()
                .resideInAnyPackage(ROOMS.keySet().toArray(String[]::new))
                .check(everything);
    }

    @Test
    void hasNoCycles() {
        slices().matching("org.mayfly.(**)").should().beFreeOfCycles().check(everything);
    }

    @Test
    void startsNoProgram() {
        ArchRule rule = noClasses()
                .that()
                .doNotHaveFullyQualifiedName(SSH)
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ProcessBuilder.class)
                .orShould()
                .accessTargetWhere(DescribedPredicate.describe(
                        "it is Runtime.exec",
                        access -> access.getTargetOwner().isAssignableTo(Runtime.class)
                                && access.getName().equals("exec")));
        rule.check(everything);
        for (Class<?> offender : List.of(Offender.class, OtherOffender.class)) {
            assertTrue(
                    rule.evaluate(new ClassFileImporter().importClasses(offender))
                            .hasViolation(),
                    () -> "the rule has no teeth for " + offender);
        }
    }

    static final class Offender {
        Object offend() {
            return new ProcessBuilder("true");
        }
    }

    static final class OtherOffender {
        Object offend() throws IOException {
            return Runtime.getRuntime().exec(new String[] {"true"});
        }
    }

    @Test
    void theCoreHasNoSocketsThreadsLocksOrClock() {
        noClasses()
                .that()
                .resideInAPackage(CORE)
                .should()
                .dependOnClassesThat(resideInAPackage("java.net..")
                        .or(resideInAPackage("java.nio.channels.."))
                        .or(resideInAPackage("java.util.concurrent.."))
                        .or(assignableTo(Thread.class)))
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .check(everything);
    }

    @Test
    void hasNoMutableStatics() {
        fields().that().areStatic().should().beFinal().check(everything);
    }
}
