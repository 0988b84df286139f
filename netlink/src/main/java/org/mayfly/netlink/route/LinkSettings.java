package org.mayfly.netlink.route;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * What an interface is to be like: what {@code RTM_NEWLINK} says when it makes one and when it changes one. What is not
 * said stays as it is, or is left to the kernel.
 *
 * <pre>{@code
 * LinkSettings.named("v0").mtu(1400).up().kind(Veth.to(LinkSettings.named("v1").namespace(fd)))
 * }</pre>
 *
 * <p>Does not change: each method gives another one. They are written in the order in which they were called. Source:
 * {@code linux/if_link.h}, rtnetlink(7), ip-link(8).
 *
 * @param index the number that an interface that is made is to have; 0 leaves that to the kernel
 * @param flags {@code IFF_*}, of which those in {@code change} count
 * @param attributes {@code IFLA_*} but for {@code IFLA_LINKINFO}
 * @param info {@code IFLA_LINKINFO}
 */
public record LinkSettings(int index, int flags, int change, List<RawAttribute> attributes, LinkInfo info) {
    /** Nothing is said: to begin with. */
    public static final LinkSettings NONE = new LinkSettings(0, 0, 0, List.of(), LinkInfo.NONE);

    public LinkSettings {
        attributes = List.copyOf(attributes);
    }

    /** Of that name: 1 to 15 bytes without blanks, {@code /} and {@code :}; {@code %d} in it becomes a number. */
    public static LinkSettings named(String name) {
        return NONE.name(name);
    }

    /** {@code IFLA_IFNAME}: the new name. */
    public LinkSettings name(String name) {
        byte[] bytes = MessageWriter.utf8(name);
        return set(Link.IFLA_IFNAME, Bytes.of(Arrays.copyOf(bytes, bytes.length + 1)));
    }

    /** The number that an interface that is made is to have. */
    public LinkSettings index(int wanted) {
        return new LinkSettings(wanted, flags, change, attributes, info);
    }

    /** What sort of interface is to be made. */
    public LinkSettings kind(LinkKind kind) {
        return new LinkSettings(index, flags, change, attributes, new LinkInfo(kind, info.unknown()));
    }

    public LinkSettings up() {
        return flags(Link.IFF_UP, Link.IFF_UP);
    }

    public LinkSettings down() {
        return flags(0, Link.IFF_UP);
    }

    /**
     * @param values {@code IFF_*} that are to be on
     * @param mask {@code IFF_*} that are to be on or off
     */
    public LinkSettings flags(int values, int mask) {
        return new LinkSettings(index, flags & ~mask | values & mask, change | mask, attributes, info);
    }

    /** {@code IFLA_MTU}, in bytes. */
    public LinkSettings mtu(int mtu) {
        return u32(Link.IFLA_MTU, mtu);
    }

    /** {@code IFLA_ADDRESS}: a MAC address; many drivers want the interface down for that. */
    public LinkSettings address(LinkLayerAddress address) {
        return set(Link.IFLA_ADDRESS, address.bytes());
    }

    /** {@code IFLA_MASTER}: the number of the bridge (or its kind) to which it is to belong; 0 for none. */
    public LinkSettings master(int master) {
        return u32(Link.IFLA_MASTER, master);
    }

    /** {@code IFLA_LINK}: the number of the interface on which one is made, for kinds that need one. */
    public LinkSettings link(int lower) {
        return u32(Link.IFLA_LINK, lower);
    }

    /** {@code IFLA_TXQLEN}, in packets. */
    public LinkSettings txQueueLength(int packets) {
        return u32(Link.IFLA_TXQLEN, packets);
    }

    /** {@code IFLA_GROUP}. */
    public LinkSettings group(int group) {
        return u32(Link.IFLA_GROUP, group);
    }

    /**
     * {@code IFLA_IFALIAS}: a remark of up to 255 bytes; empty takes it away. For an interface that is there: the kernel
     * ignores it when it makes one.
     */
    public LinkSettings alias(String alias) {
        return set(Link.IFLA_IFALIAS, Bytes.of(alias.getBytes(UTF_8))); // a zero byte would become part of it
    }

    /**
     * {@code IFLA_NET_NS_FD}: the namespace to make it in, or to move it to. What is moved goes down, loses its
     * addresses, and may get another number.
     *
     * @param fd an open descriptor of a network namespace, such as one of {@code /run/netns/NAME}
     */
    public LinkSettings namespace(int fd) {
        return u32(Link.IFLA_NET_NS_FD, fd);
    }

    /** {@code IFLA_NET_NS_PID}: as {@link #namespace}, by a process or thread that is in it. */
    public LinkSettings namespaceOfProcess(int pid) {
        return u32(Link.IFLA_NET_NS_PID, pid);
    }

    private LinkSettings u32(int type, int value) {
        byte[] b = new byte[Integer.BYTES];
        ByteBuffer.wrap(b).order(ByteOrder.nativeOrder()).putInt(value);
        return set(type, Bytes.of(b));
    }

    /**
     * Any other attribute.
     *
     * @param type {@code IFLA_*}, except {@code IFLA_LINKINFO}
     */
    public LinkSettings set(int type, Bytes value) {
        List<RawAttribute> all = new ArrayList<>(attributes);
        all.removeIf(a -> a.type() == type);
        all.add(new RawAttribute(type, value));
        return new LinkSettings(index, flags, change, all, info);
    }

    boolean has(int type) {
        return attributes.stream().anyMatch(a -> a.type() == type);
    }

    /** The payload of {@code RTM_NEWLINK}. */
    void write(MessageWriter w) {
        write(w, index);
    }

    /** The same for the interface of that number. */
    void write(MessageWriter w, int which) {
        w.u32(0).u32(which).u32(flags).u32(change);
        attributes.forEach(a -> a.write(w));
        if (!info.equals(LinkInfo.NONE)) {
            int start = w.open(Link.IFLA_LINKINFO); // without NLA_F_NESTED, as ip has it
            info.write(w);
            w.endNest(start);
        }
    }

    static LinkSettings decode(ByteBuffer b, int offset, int length) {
        return decode(b, offset, length, true);
    }

    /** The other end of a pair. What it says of its kind stays as it is: pairs in pairs could go on for ever. */
    static LinkSettings decodePeer(ByteBuffer b, int length) {
        return decode(b, 0, length, false);
    }

    private static LinkSettings decode(ByteBuffer b, int offset, int length, boolean withKind) {
        if (length < Link.HEADER) {
            throw new MalformedMessageException("a link message of " + length + " bytes", offset);
        }
        LinkInfo info = LinkInfo.NONE;
        List<RawAttribute> attributes = new ArrayList<>();
        AttributeReader a = new AttributeReader(b, offset + Link.HEADER, length - Link.HEADER);
        while (a.next()) {
            if (a.type() == Link.IFLA_LINKINFO && withKind) {
                info = LinkInfo.read(a.nested());
            } else {
                attributes.add(RawAttribute.of(a));
            }
        }
        return new LinkSettings(b.getInt(offset + 4), b.getInt(offset + 8), b.getInt(offset + 12), attributes, info);
    }
}
