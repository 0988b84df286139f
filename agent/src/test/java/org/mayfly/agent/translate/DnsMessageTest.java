package org.mayfly.agent.translate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.handler.codec.dns.TcpDnsResponseDecoder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DnsMessageTest {
    /**
     * An answer to {@code www.example AAAA}: an alias, and the SOA record of the zone, names compressed as a server does,
     * those in data as well.
     */
    private static final String COMPRESSED = """
            1234 8180 0001 0001 0001 0001
            03777777 07 6578616d706c65 00 001c 0001
            c00c 0005 0001 0000012c 0005 02 7634 c010
            c010 0006 0001 00000078 0020 02 6e73 c010 04 726f6f74 c010 00000001 00000002 00000003 00000004 00000005
            00 0029 1000 00008000 0000
            """;

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    }

    private static byte[] compressed() {
        return bytes(COMPRESSED);
    }

    @Test
    void readsCompressedNamesAlsoInData() throws Exception {
        DnsMessage m = DnsMessage.read(compressed());
        assertEquals(0x1234, m.id());
        assertEquals(0x8180, m.flags());
        assertEquals("www.example.", m.question().name().toString());
        assertEquals(List.of("www.example. CNAME"), Dns.texts(m.answer()));
        assertEquals(List.of("example. SOA"), Dns.texts(m.authority()));
        assertEquals(120, m.authority().get(0).ttl());
        assertEquals(4096, m.udpSize());
        assertTrue(m.wantsSignatures());
        String written = HexFormat.of().formatHex(m.write());
        assertTrue(written.contains("027634076578616d706c6500"), "the alias in full: " + written);
        assertTrue(written.contains("04726f6f74076578616d706c6500"), "the mailbox of the SOA in full: " + written);
    }

    @Test
    void whatIsWrittenIsReadAgainTheSame() throws Exception {
        byte[] once = DnsMessage.read(compressed()).write();
        assertArrayEquals(once, DnsMessage.read(once).write());
    }

    /** An independent reader: Netty's. */
    @Test
    void nettyReadsWhatIsWritten() throws Exception {
        DnsQuestion question = Dns.question("www.example", DnsRecordType.AAAA);
        DnsMessage message = Dns.response(
                question,
                DnsResponseCode.NXDOMAIN,
                List.of(
                        Dns.alias("www.example", DnsRecordType.CNAME, "v4.example"),
                        Dns.address("v4.example", 60, "2001:db8::1")),
                Dns.soa("example", 120));
        byte[] written = message.write();
        EmbeddedChannel netty = new EmbeddedChannel(new TcpDnsResponseDecoder());
        netty.writeInbound(Unpooled.buffer().writeShort(written.length).writeBytes(written));
        DnsResponse read = netty.readInbound();
        assertEquals(DnsResponseCode.NXDOMAIN, read.code());
        assertEquals("www.example.", read.recordAt(DnsSection.QUESTION).name());
        DnsRawRecord aaaa = read.recordAt(DnsSection.ANSWER, 1);
        assertEquals("v4.example.", aaaa.name());
        assertEquals(60, aaaa.timeToLive());
        assertEquals(16, aaaa.content().readableBytes());
        assertEquals("example.", read.recordAt(DnsSection.AUTHORITY).name());
        read.release();
        netty.finishAndReleaseAll();
    }

    @Test
    void cutAtEveryLengthItIsRefused() {
        byte[] whole = compressed();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(MalformedDnsException.class, () -> DnsMessage.read(cut), "cut at " + length);
        }
    }

    @Test
    void moreBehindTheEndIsRefused() {
        byte[] longer = Arrays.copyOf(compressed(), compressed().length + 1);
        assertThrows(MalformedDnsException.class, () -> DnsMessage.read(longer));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c00c", // itself
                "c00e", // forward
                "0161 c00c", // in a circle
                "40", // a label type that nobody uses
                "80"
            })
    void namesThatGoNowhereAreRefused(String name) {
        byte[] message = bytes("1234 0100 0001 0000 0000 0000" + name + "00 001c 0001");
        assertThrows(MalformedDnsException.class, () -> DnsMessage.read(message));
    }

    @Test
    void aNameHas255BytesAndNoMore() throws Exception {
        String label = "3f" + "61".repeat(63);
        String header = "1234 0100 0001 0000 0000 0000";
        byte[] longest = bytes(header + label.repeat(3) + "3d" + "61".repeat(61) + "00 001c 0001");
        assertEquals(255, DnsMessage.read(longest).question().name().length());
        byte[] longer = bytes(header + label.repeat(3) + "3e" + "61".repeat(62) + "00 001c 0001");
        assertThrows(MalformedDnsException.class, () -> DnsMessage.read(longer));
    }

    /** RFC 2181, 11: a label may hold anything. */
    @Test
    void anyByteIsKeptInALabel() throws Exception {
        byte[] odd = bytes("1234 0100 0001 0000 0000 0000 05 2e 00 ff 5c 41 00 001c 0001");
        DnsMessage read = DnsMessage.read(odd);
        assertEquals("\\.\\000\\255\\\\A.", read.question().name().toString());
        assertArrayEquals(odd, read.write());
    }

    @Test
    void caseDoesNotCountAndIsKept() {
        assertEquals(DnsName.of("Example.ORG"), DnsName.of("eXAMPLE.org"));
        assertEquals(
                DnsName.of("Example.ORG").hashCode(), DnsName.of("eXAMPLE.org").hashCode());
        assertFalse(DnsName.of("example.org").equals(DnsName.of("examplf.org")));
        assertEquals("Example.ORG.", DnsName.of("Example.ORG").toString());
    }

    @Test
    void belowIsLabelByLabel() {
        DnsName zone = DnsName.of("example.org");
        assertTrue(DnsName.of("a.b.Example.org").isBelow(zone));
        assertFalse(zone.isBelow(zone));
        assertFalse(DnsName.of("anexample.org").isBelow(zone));
    }

    @Test
    void whatDoesNotFitSaysSo() throws Exception {
        DnsQuestion question = Dns.question("many.example", DnsRecordType.AAAA);
        List<DnsRecord> many = IntStream.range(0, 40)
                .mapToObj(i -> Dns.address("many.example", 60, "2001:db8::" + (i + 1)))
                .toList();
        DnsMessage message = Dns.edns(Dns.response(question, DnsResponseCode.NOERROR, many), 0, true);
        DnsMessage cut = DnsMessage.read(message.write(512));
        assertTrue(cut.has(DnsHeader.TC));
        assertEquals(List.of(), cut.answer());
        assertEquals(question, cut.question());
        assertTrue(cut.opt().isPresent());
        DnsMessage whole = DnsMessage.read(message.write(4096));
        assertFalse(whole.has(DnsHeader.TC));
        assertEquals(40, whole.answer().size());
    }
}
