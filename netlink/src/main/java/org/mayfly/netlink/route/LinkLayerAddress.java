package org.mayfly.netlink.route;

import java.util.HexFormat;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;

/**
 * The address of an interface on its own medium, {@code lladdr} to the kernel: 6 bytes on Ethernet (a MAC address), 4 or
 * 16 for a tunnel, whose addresses are those of IP. Prints as {@code ip} prints it: {@code 02:00:00:00:00:01}.
 */
public record LinkLayerAddress(Bytes bytes) {
    /** None at all. */
    public static final LinkLayerAddress NONE = new LinkLayerAddress(Bytes.EMPTY);

    private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

    /**
     * From bytes parted by colons, two digits each: {@code 02:00:00:00:00:01}.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static LinkLayerAddress parse(String text) {
        return new LinkLayerAddress(Bytes.of(COLONS.parseHex(text)));
    }

    static LinkLayerAddress read(AttributeReader a) {
        return new LinkLayerAddress(Bytes.of(a.bytes()));
    }

    @Override
    public String toString() {
        return COLONS.formatHex(bytes.toArray());
    }
}
