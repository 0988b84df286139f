package org.mayfly.netlink.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.testing.Lab;

final class NamespaceDescriptorTest {
    private static final Path OURS = Path.of("/proc/self/ns/net");

    @Test
    void itIsOfTheNamespaceThatWasNamed() throws Exception {
        try (Lab lab = new Lab()) {
            NetNamespace other = lab.host().namespace();
            try (NamespaceDescriptor here = NamespaceDescriptor.of(OURS);
                    NamespaceDescriptor there = other.descriptor()) {
                assertEquals(Files.readSymbolicLink(OURS), Files.readSymbolicLink(open(here)));
                assertEquals(Files.readSymbolicLink(Path.of(other.path())), Files.readSymbolicLink(open(there)));
            }
        }
    }

    @Test
    void itIsClosedOnce() throws Exception {
        NamespaceDescriptor first = NamespaceDescriptor.of(OURS);
        first.close();
        try (NamespaceDescriptor second = NamespaceDescriptor.of(OURS)) {
            first.close(); // its number may be that of another by now
            assertEquals(Files.readSymbolicLink(OURS), Files.readSymbolicLink(open(second)));
        }
    }

    @Test
    void whatIsNotThereIsAnError() {
        NetlinkException e =
                assertThrows(NetlinkException.class, () -> NamespaceDescriptor.of(Path.of("/run/netns/none/such")));
        assertEquals(Errno.ENOENT, e.errno());
        assertEquals("open /run/netns/none/such: ENOENT", e.getMessage());
    }

    private static Path open(NamespaceDescriptor d) {
        return Path.of("/proc/self/fd/" + d.fd());
    }
}
