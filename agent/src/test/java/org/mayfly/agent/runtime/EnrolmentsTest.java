package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.ServerIdentity;

class EnrolmentsTest {
    /** The door prefix of a client follows the server only if the client can tell it from the host. */
    @ParameterizedTest
    @CsvSource({
        "true, server.example, 2001:db8:1:2::/64, 64",
        "true, 2001:db8:1:2::53, 2001:db8:1:2::/64, 0",
        "true, server.example, 2001:db8:1:2:3::/80, 80",
        "true, 192.0.2.1, 2001:db8:1:2::/64, 0",
        "false, server.example, 2001:db8:1:2::/64, 0",
        "false, 2001:db8:1:2::53, 2001:db8:1:2::/64, 0",
    })
    void sayWhetherThePrefixFollowsTheHost(boolean ownPrefix, String host, String prefix, int follow) {
        Enrolments enrolments = new Enrolments(ServerIdentity.create(), () -> host, 62201, 0, () -> ownPrefix);
        assertEquals(follow, enrolments.follow(host, Ip6Prefix.parse(prefix)));
    }
}
