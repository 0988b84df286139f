package org.mayfly.knock.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.client.Carrier;

/** What {@code ssh} is told reaches the {@code connect} within it. */
class KnockFlagsTest {
    @Test
    void aForcedCarrierIsHandedOn() throws Exception {
        KnockFlags flags = new KnockFlags();
        assertNull(flags.options().carrier());
        assertEquals(List.of(), flags.words());

        flags.udp = true;
        assertEquals(Carrier.UDP, flags.options().carrier());
        assertEquals(List.of("--udp"), flags.words());

        flags.udp = false;
        flags.tcp = true;
        assertEquals(Carrier.TCP, flags.options().carrier());
        assertEquals(List.of("--tcp"), flags.words());
    }
}
