package org.mayfly.netlink.nft;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * Where packets enter a base chain. Source: {@code enum nft_hook_attributes} in {@code linux/netfilter/nf_tables.h},
 * {@code linux/netfilter.h}, {@code linux/netfilter_ipv4.h} (priorities).
 *
 * @param number {@code NF_INET_*}, of a {@code netdev} table {@code NF_NETDEV_*}
 * @param priority order among the chains at the same hook, lowest first
 * @param devices the interfaces it is tied to, by name, a {@code *} at the end for all that begin so; none for a hook
 *     that sees all of them
 * @param unknown attributes this library has no name for
 */
public record Hook(int number, int priority, List<String> devices, List<RawAttribute> unknown) {
    /** {@code NF_INET_PRE_ROUTING}. */
    public static final int PREROUTING = 0;

    /** {@code NF_INET_LOCAL_IN}: packets for this host. */
    public static final int INPUT = 1;

    /** {@code NF_INET_FORWARD}: packets for others. */
    public static final int FORWARD = 2;

    /** {@code NF_INET_LOCAL_OUT}: packets of this host. */
    public static final int OUTPUT = 3;

    /** {@code NF_INET_POST_ROUTING}. */
    public static final int POSTROUTING = 4;

    /** {@code NF_INET_INGRESS}: of one device, in an {@code inet} table. */
    public static final int INGRESS = 5;

    /** {@code NF_NETDEV_INGRESS}: of devices, in a {@code netdev} table. */
    public static final int NETDEV_INGRESS = 0;

    /** {@code NF_NETDEV_EGRESS}: of devices, in a {@code netdev} table. */
    public static final int NETDEV_EGRESS = 1;

    /** {@code NF_IP_PRI_RAW}: before connections are tracked. */
    public static final int RAW = -300;

    /** {@code NF_IP_PRI_MANGLE}. */
    public static final int MANGLE = -150;

    /** {@code NF_IP_PRI_NAT_DST}. */
    public static final int DSTNAT = -100;

    /** {@code NF_IP_PRI_FILTER}. */
    public static final int FILTER = 0;

    /** {@code NF_IP_PRI_NAT_SRC}. */
    public static final int SRCNAT = 100;

    private static final int NFTA_HOOK_HOOKNUM = 1;
    private static final int NFTA_HOOK_PRIORITY = 2;
    private static final int NFTA_HOOK_DEV = 3;
    private static final int NFTA_HOOK_DEVS = 4;
    private static final int NFTA_DEVICE_NAME = 1;

    /** What a name begins with, without a zero at its end. Since Linux 6.16. */
    private static final int NFTA_DEVICE_PREFIX = 2;

    static final AttributeNames NAMES = AttributeNames.of("NFTA_HOOK_", "UNSPEC HOOKNUM PRIORITY DEV DEVS")
            .nest("DEVS", AttributeNames.of("NFTA_DEVICE_", "UNSPEC NAME PREFIX"));

    public Hook {
        devices = List.copyOf(devices);
        unknown = List.copyOf(unknown);
    }

    /** One that sees all devices. */
    public Hook(int number, int priority) {
        this(number, priority, List.of(), List.of());
    }

    /** One of these devices. */
    public Hook(int number, int priority, List<String> devices) {
        this(number, priority, devices, List.of());
    }

    void write(MessageWriter w, int type) {
        int nest = w.nest(type);
        w.attrBe32(NFTA_HOOK_HOOKNUM, number).attrBe32(NFTA_HOOK_PRIORITY, priority);
        if (devices.size() == 1 && !isPrefix(devices.get(0))) {
            w.attrString(NFTA_HOOK_DEV, devices.get(0)); // all that a chain of an inet table takes
        } else if (!devices.isEmpty()) {
            int list = w.nest(NFTA_HOOK_DEVS);
            devices.forEach(d -> writeDevice(w, d));
            w.endNest(list);
        }
        unknown.forEach(a -> a.write(w));
        w.endNest(nest);
    }

    private static void writeDevice(MessageWriter w, String device) {
        if (isPrefix(device)) {
            byte[] prefix = device.substring(0, device.length() - 1).getBytes(java.nio.charset.StandardCharsets.UTF_8);
            w.attrBytes(NFTA_DEVICE_PREFIX, prefix);
        } else {
            w.attrString(NFTA_DEVICE_NAME, device);
        }
    }

    private static boolean isPrefix(String device) {
        return device.endsWith("*");
    }

    static Hook read(AttributeReader a) {
        int number = -1;
        int priority = 0;
        List<String> devices = new ArrayList<>();
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case NFTA_HOOK_HOOKNUM -> number = a.be32();
                case NFTA_HOOK_PRIORITY -> priority = a.be32();
                case NFTA_HOOK_DEV -> {
                    if (devices.isEmpty()) { // a dump names a single device twice
                        devices.add(a.string());
                    }
                }
                case NFTA_HOOK_DEVS -> {
                    List<String> named = readDevices(a.nested());
                    if (named == null) {
                        unknown.add(RawAttribute.of(a));
                    } else {
                        devices = named;
                    }
                }
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        if (number < 0) {
            throw new MalformedMessageException("a hook without a number", a.offset());
        }
        return new Hook(number, priority, devices, unknown);
    }

    /** Null if something else is among them. */
    private static @Nullable List<String> readDevices(AttributeReader a) {
        List<String> devices = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case NFTA_DEVICE_NAME -> devices.add(a.string());
                case NFTA_DEVICE_PREFIX -> devices.add(a.string() + "*");
                default -> {
                    return null;
                }
            }
        }
        return devices;
    }
}
