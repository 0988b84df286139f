package org.mayfly.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.agent.admin.Json;

/** What people are told, to the letter. */
@Timeout(60)
class MayflyctlTest extends AskedTest {
    @Test
    void tellsTheStatusWhenToldNothing() throws Exception {
        serve(new Samples(false));
        String text = """
                mayflyd 0.1.0, pid 812, up 1 d 2 h
                  doors     2001:db8:1:2::/64 on eth0, address (the prefix is on-link at eth0)
                  listen    udp [::]:62201, udp 0.0.0.0:62201
                  gate      xdp (SipHash on eth0, native)
                  services  2
                  clients   2
                  leases    0 pending, 1 active, 1 in session; doors: 2 of 1000
                  knocks    12 accepted, 343 refused (gate 340, stamp 3)
                """;
        assertPrints(text, ask());
        assertPrints(text, ask("status"));
    }

    @Test
    void warnsInTheStatus() throws Exception {
        serve(new Samples(true));
        assertPrints("""
                mayflyd 0.1.0, pid 812, up 1 d 2 h
                  doors     none: eth0 has no global address
                  listen    udp [::]:62201, udp 0.0.0.0:62201
                  gate      length (SipHash in the agent); no more: give it CAP_BPF?[31m
                  services  2
                  clients   2
                  leases    0 pending, 1 active, 1 in session; doors: 2 of 1000
                  knocks    12 accepted, 343 refused (gate 340, stamp 3)
                warning: replay marks were lost; every knock is refused until 11:00:25 (in 25 s)
                warning: client file old.json is not a client?[31m; see its log
                """, ask());
    }

    @Test
    void listsLeases() throws Exception {
        serve(new Samples(false));
        assertPrints("""
                ID        CLIENT  SERVICE  DOOR                             PORT      SOURCE          STATE    UNTIL                      SESSIONS
                0a1b2c3d  laptop  ssh      2001:db8:1:2:a3f1:77c2:90d4:1be  22/tcp    2001:db8:99::5  active   11:00:24 (in 24 s)                0
                9f00aa11  phone   git      -                                9418/tcp  192.0.2.7       session  22:58:30 (in 11 h 58 min)        12
                """, ask("leases"));
    }

    @Test
    void listsClientsUnderTwoNames() throws Exception {
        serve(new Samples(false));
        String text = """
                NAME    SERVICES  SOURCE  KEYS  LEASES  REFUSED           LAST KNOCK
                laptop  ssh,git   exact      2  1/64    leases 2, rate 7  10:59:54 (6 s ago)
                phone   -         net64      1  0/3     -                 -
                """;
        assertPrints(text, ask("clients"));
        assertPrints(text, ask("client", "list"));
    }

    @Test
    void listsServicesRulesAndMetrics() throws Exception {
        serve(new Samples(false));
        assertPrints("""
                NAME  PORT      LEASE  SESSION  IPV4    RELAY           GATED  LEASES
                git   9418/tcp  5m     12h      permit  127.0.0.1:9418  yes         1
                ssh   22/tcp    30s    12h      closed  -               yes         1
                """, ask("services"));
        assertPrints("""
                PACKETS  BYTES  RULE
                   1234  98765  permits
                      7    420  gated ports are closed
                """, ask("rules"));
        assertPrints("""
                mayfly_knocks_accepted_total 12
                mayfly_leases 2
                """, ask("metrics"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"leases", "clients", "services", "rules"})
    void saysNothingWhenThereIsNothing(String command) throws Exception {
        serve(new Samples(true));
        assertPrints("", ask(command));
        assertPrints("[]\n", ask(command, "--json"));
        assertEquals(new Told(0, "", "no " + command + "\n"), askAtTerminal(command));
    }

    @Test
    void printsADoorAlone() throws Exception {
        serve(new Samples(false));
        assertPrints(
                "2001:db8:1:2:a3f1:77c2:90d4:1be\n",
                ask("permit", "laptop", "ssh", "--source", "2001:db8::5", "--lease", "5m"));
        assertEquals(
                "{\"client\":\"laptop\",\"service\":\"ssh\",\"source\":\"2001:db8::5\",\"lease\":\"5m\"}",
                Json.write(asked.take().arguments()));
        ask("permit", "laptop", "ssh");
        assertEquals(
                "{\"client\":\"laptop\",\"service\":\"ssh\"}",
                Json.write(asked.take().arguments()));
    }

    @Test
    void revokesOneOrAllButNotByAccident() throws Exception {
        serve(new Samples(false));
        assertPrints("0a1b2c3d\n9f00aa11\n", ask("revoke", "laptop"));
        assertEquals("{\"target\":\"laptop\"}", Json.write(asked.take().arguments()));
        assertEquals(
                new Told(0, "0a1b2c3d\n9f00aa11\n", "ended 2 leases, cut 1 session\n"),
                askAtTerminal("revoke", "--all"));
        assertEquals("{\"all\":true}", Json.write(asked.take().arguments()));
        String line = "mayflyctl: Name a lease or a client, or say --all: one of these, not both;"
                + " see: mayflyctl revoke --help";
        assertComplains(2, line, ask("revoke"));
        assertComplains(2, line, ask("revoke", "laptop", "--all"));
        assertTrue(asked.isEmpty());
    }

    @Test
    void printsAnEnrolmentUriAlone() throws Exception {
        serve(new Samples(false));
        assertPrints(
                Samples.URI + "\n",
                ask("client", "add", "laptop", "--service", "ssh", "--service", "git", "--source", "net64"));
        assertEquals(
                "{\"name\":\"laptop\",\"services\":[\"ssh\",\"git\"],\"source\":\"net64\"}",
                Json.write(asked.take().arguments()));
        assertPrints(Samples.URI + "\n", ask("client", "rotate", "laptop"));
        assertEquals("{\"name\":\"laptop\"}", Json.write(asked.take().arguments()));
        assertPrints(Samples.URI + "\n", ask("client", "rotate", "laptop", "--revoke"));
        assertEquals(
                "{\"name\":\"laptop\",\"revoke\":true}", Json.write(asked.take().arguments()));
        Told atTerminal = askAtTerminal("client", "add", "laptop");
        assertEquals(Samples.URI + "\n", atTerminal.out());
        assertTrue(atTerminal.err().startsWith("this is a secret"));
    }

    @Test
    void showsAClient() throws Exception {
        serve(new Samples(false));
        assertPrints("""
                name        laptop
                services    ssh, git
                source      exact
                key         0123456789abcdef
                key         fedcba9876543210
                leases      1 of 64
                refused     leases 2, rate 7
                created     2026-11-11 11:00 (10 d ago)
                last knock  10:59:54 (6 s ago)
                """, ask("client", "show", "laptop"));
    }

    @Test
    void removesAClientAndReloadsQuietly() throws Exception {
        serve(new Samples(false));
        assertPrints("", ask("client", "remove", "laptop"));
        assertPrints("service git added\nwindow is 1m now\n", ask("reload"));
    }
}
