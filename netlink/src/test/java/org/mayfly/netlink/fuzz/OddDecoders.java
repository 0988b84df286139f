package org.mayfly.netlink.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.ControlType;
import org.mayfly.netlink.ExtendedAck;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageReader;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.Vocabulary;
import org.mayfly.netlink.nft.UserData;

/** The decoders that {@link Decoders} cannot know by their parameters. */
final class OddDecoders {
    private OddDecoders() {}

    /**
     * @param vocabularies of all families, by what they are called
     */
    static List<Decoder> all(Map<String, Vocabulary> vocabularies) {
        List<Decoder> all = new ArrayList<>();
        all.add(new Decoder("MessageReader", (type, b, offset, length) -> messages(b, offset, length)));
        all.add(new Decoder("ExtendedAck.read", (type, b, offset, length) -> acknowledgements(b, offset, length)));
        all.add(new Decoder("AttributeReader", (type, b, offset, length) -> attributes(b, offset, length)));
        all.add(new Decoder("nft.UserData", (type, b, offset, length) -> userData(b, offset, length)));
        vocabularies.forEach((name, v) ->
                all.add(new Decoder(name + ".path", (type, b, offset, length) -> paths(v, type, b, offset, length))));
        return all;
    }

    /** A datagram: what its messages' headers say. */
    private static List<List<Integer>> messages(ByteBuffer b, int offset, int length) {
        List<List<Integer>> found = new ArrayList<>();
        MessageReader m = new MessageReader(datagram(b, offset, length));
        m.reset();
        while (m.next()) {
            found.add(List.of(m.type(), m.flags(), m.sequence(), m.offset(), m.length()));
        }
        return found;
    }

    /** A datagram of acknowledgements and of messages that end dumps. */
    private static List<ExtendedAck> acknowledgements(ByteBuffer b, int offset, int length) {
        List<ExtendedAck> found = new ArrayList<>();
        ByteBuffer datagram = datagram(b, offset, length);
        MessageReader m = new MessageReader(datagram);
        m.reset();
        while (m.next()) {
            if (m.type() == ControlType.NLMSG_ERROR || m.type() == ControlType.NLMSG_DONE) {
                found.add(ExtendedAck.read(datagram, m));
            }
        }
        return found;
    }

    private static ByteBuffer datagram(ByteBuffer b, int offset, int length) {
        return b.slice(offset, length).order(ByteOrder.nativeOrder());
    }

    /** Every attribute as one of the things that it could be. */
    private static List<Object> attributes(ByteBuffer b, int offset, int length) {
        List<Object> found = new ArrayList<>();
        AttributeReader a = new AttributeReader(b, offset, length);
        while (a.next()) {
            found.add(List.of(a.rawType(), a.length(), a.offset()));
            found.add(
                    switch (a.type() % 11) {
                        case 0 -> a.u8();
                        case 1 -> a.u16();
                        case 2 -> a.u32();
                        case 3 -> a.u32(12);
                        case 4 -> a.u64();
                        case 5 -> a.be16();
                        case 6 -> a.be32();
                        case 7 -> a.be64();
                        case 8 -> a.string();
                        case 9 -> attributes(b, a.offset(), a.length());
                        default -> RawAttribute.of(a);
                    });
        }
        return found;
    }

    private static List<Object> userData(ByteBuffer b, int offset, int length) {
        byte[] bytes = new byte[length];
        b.get(offset, bytes);
        UserData data = new UserData(Bytes.of(bytes));
        return List.of(data, String.valueOf(data.comment()));
    }

    /**
     * A request of ours that the kernel disliked, and what it disliked:
     *
     * <pre>
     *  0        2         4
     * +--------+---------+------------------------
     * | offset | missing | payload of the request
     * +--------+---------+------------------------
     * </pre>
     */
    private static List<String> paths(Vocabulary v, int type, ByteBuffer b, int offset, int length) {
        if (length < 4) {
            throw new MalformedMessageException("nothing that was disliked", offset);
        }
        int disliked = Short.toUnsignedInt(b.getShort(offset));
        int missing = Short.toUnsignedInt(b.getShort(offset + 2));
        byte[] payload = new byte[length - 4];
        b.get(offset + 4, payload);
        MessageWriter w = new MessageWriter(MessageWriter.HEADER + length);
        w.begin(type, 0).bytes(payload).end();
        return List.of(
                v.name(type),
                v.path(w.buffer(), 0, new ExtendedAck(22, "", disliked, -1)),
                v.path(w.buffer(), 0, new ExtendedAck(22, "", disliked, missing)));
    }
}
