package org.mayfly.netlink.route;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * What the driver of an interface adds to it.
 *
 * <pre>
 *  IFLA_LINKINFO:  IFLA_INFO_KIND string | IFLA_INFO_DATA { depends on the kind } | others
 * </pre>
 *
 * <p>Source: {@code linux/if_link.h}.
 *
 * @param unknown what has no name here, such as {@code IFLA_INFO_SLAVE_KIND} and {@code IFLA_INFO_SLAVE_DATA} of a
 *     bridge's port
 */
public record LinkInfo(LinkKind kind, List<RawAttribute> unknown) {
    static final LinkInfo NONE = new LinkInfo(LinkKind.NONE, List.of());

    static final AttributeNames NAMES = AttributeNames.of("IFLA_INFO_", "UNSPEC KIND DATA XSTATS SLAVE_KIND SLAVE_DATA")
            .choose("DATA", "KIND", Map.of(Veth.NAME, Veth.NAMES, Bridge.NAME, Bridge.NAMES, Sit.NAME, Sit.NAMES));

    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INFO_DATA = 2;

    public LinkInfo {
        unknown = List.copyOf(unknown);
    }

    /** What is in {@code IFLA_LINKINFO}, in the order in which ip writes it. */
    void write(MessageWriter w) {
        if (!kind.name().isEmpty()) {
            w.attrBytes(IFLA_INFO_KIND, kind.name().getBytes(UTF_8));
        }
        if (hasData()) {
            int start = w.open(IFLA_INFO_DATA);
            writeData(w);
            w.endNest(start);
        }
        unknown.forEach(a -> a.write(w));
    }

    private boolean hasData() {
        boolean bare = kind instanceof LinkKind.Other other && other.data().isEmpty()
                || kind instanceof Veth veth && veth.isEmpty()
                || kind instanceof Bridge bridge && bridge.options().isEmpty();
        return !bare;
    }

    private void writeData(MessageWriter w) {
        if (kind instanceof Veth veth) {
            veth.write(w);
        } else if (kind instanceof Bridge bridge) {
            bridge.write(w);
        } else if (kind instanceof Sit sit) {
            sit.write(w);
        } else if (kind instanceof LinkKind.Other other) {
            other.data().forEach(a -> a.write(w));
        }
    }

    static LinkInfo read(AttributeReader a) {
        String name = "";
        AttributeReader data = null;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case IFLA_INFO_KIND -> name = a.string();
                case IFLA_INFO_DATA -> data = a.nested();
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        return new LinkInfo(kind(name, data), unknown);
    }

    private static LinkKind kind(String name, @Nullable AttributeReader data) {
        return switch (name) {
            case Veth.NAME -> data == null ? Veth.OF_UNKNOWN_PEER : Veth.read(data);
            case Bridge.NAME -> data == null ? Bridge.DEFAULTS : Bridge.read(data);
            case Sit.NAME -> data == null ? Sit.DEFAULTS : Sit.read(data);
            default -> {
                List<RawAttribute> all = new ArrayList<>();
                while (data != null && data.next()) {
                    all.add(RawAttribute.of(data));
                }
                yield new LinkKind.Other(name, all);
            }
        };
    }
}
