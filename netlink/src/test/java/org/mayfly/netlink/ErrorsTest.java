package org.mayfly.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.nft.Batch;
import org.mayfly.netlink.nft.Chain;
import org.mayfly.netlink.nft.NfTables;
import org.mayfly.netlink.nft.NftFamily;
import org.mayfly.netlink.nft.Rule;
import org.mayfly.netlink.nft.Table;
import org.mayfly.netlink.nft.expr.Lookup;
import org.mayfly.netlink.nft.expr.Meta;
import org.mayfly.netlink.route.Address;
import org.mayfly.netlink.route.RouteNetlink;
import org.mayfly.netlink.testing.Lab;

/** What a user reads when the real kernel refuses something. */
final class ErrorsTest {
    private static final Table TABLE = new Table(NftFamily.INET, "t");

    private final Lab lab = new Lab();
    private Lab.Host host;

    @BeforeEach
    void open() throws Exception {
        host = lab.host();
    }

    @AfterEach
    void close() {
        lab.close();
    }

    @Test
    void anAttributeThatIsWrongIsNamed() throws Exception {
        RawAttribute narrow = new RawAttribute(8, Bytes.ofHex("0200")); // IFA_FLAGS, which has 32 bits
        InetAddress address = InetAddress.getByName("2001:db8::1");
        Address asked = Address.of(address, 128, 1).withUnknown(List.of(narrow));
        try (RouteNetlink route = host.call(RouteNetlink::open)) {
            NetlinkException e = assertThrows(NetlinkException.class, () -> route.add(asked));
            assertEquals("RTM_NEWADDR: ERANGE, Attribute failed policy validation (at IFA_FLAGS)", e.getMessage());
            assertEquals("IFA_FLAGS", e.path());
        }
    }

    /** More refusals than the socket holds. */
    @Test
    void thousandsOfRefusalsInABatchHideNeitherTheirReasonNorWhatComesNext() throws Exception {
        Batch batch = new Batch();
        for (int i = 0; i < 20_000; i++) {
            batch.delete(new Table(NftFamily.INET, "t" + i));
        }
        try (NfTables nft = host.call(NfTables::open)) {
            NetlinkException e = assertThrows(NetlinkException.class, () -> nft.commit("delete many", batch));
            assertEquals(Errno.ENOENT, e.errno());
            nft.commit("go on", new Batch().add(TABLE));
            assertEquals(1, nft.tables(NftFamily.INET).size());
        }
    }

    @Test
    void aNameWithAZeroIsNotCutThere() throws Exception {
        try (NfTables nft = host.call(NfTables::open)) {
            Table named = new Table(NftFamily.INET, "a\0b");
            assertThrows(IllegalArgumentException.class, () -> new Batch().add(named));
            assertEquals(0, nft.tables(NftFamily.INET).size());
        }
    }

    @Test
    void inABatchTheMessageIsNamedAndTheExpression() throws Exception {
        Chain chain = new Chain(NftFamily.INET, "t", "c");
        Rule asksNobody = Rule.of(chain, "x", List.of(new Meta(Meta.L4PROTO, 1), new Lookup("nowhere", 1, false)));
        Batch batch = new Batch(new MessageWriter(4096)).add(TABLE).add(chain).add(asksNobody);
        try (NfTables nft = host.call(NfTables::open)) {
            NetlinkException e = assertThrows(NetlinkException.class, () -> nft.commit("put up rules", batch));
            assertEquals(
                    "put up rules: ENOENT (message 3 of the batch, at NFT_MSG_NEWRULE/NFTA_RULE_EXPRESSIONS/NFTA_LIST_ELEM[1])",
                    e.getMessage());
            assertEquals(3, e.index());
        }
        assertEquals("", host.run("nft", "list", "ruleset"));
    }
}
