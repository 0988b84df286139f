package org.mayfly.netlink.route;

import java.util.List;
import org.mayfly.netlink.RawAttribute;

/**
 * What sort of virtual interface a link is, and what its driver is told: {@code IFLA_INFO_KIND} and
 * {@code IFLA_INFO_DATA}. Source: {@code linux/if_link.h}, ip-link(8).
 */
public sealed interface LinkKind permits Veth, Bridge, Sit, LinkKind.Other {
    /** That of hardware, and of {@code lo}: none. */
    LinkKind NONE = new Other("", List.of());

    /** {@code veth}, {@code bridge}, …; empty for hardware and for {@code lo}. */
    String name();

    /**
     * One whose data have no names here, such as {@code macvlan}.
     *
     * @param data what is in {@code IFLA_INFO_DATA}, as it came and as it is to go
     */
    record Other(String name, List<RawAttribute> data) implements LinkKind {
        public Other {
            data = List.copyOf(data);
        }
    }
}
