package org.mayfly.netlink.route;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * A bridge; its ports are the links of which it is the {@link Link#master}. Source: {@code linux/if_link.h},
 * {@code net/bridge/br_netlink.c}, ip-link(8).
 *
 * @param options {@code IFLA_BR_*}, as they came and as they are to go; what is not among them the kernel chooses
 */
public record Bridge(List<RawAttribute> options) implements LinkKind {
    static final String NAME = "bridge";

    /** With the options that the kernel chooses. */
    public static final Bridge DEFAULTS = new Bridge(List.of());

    static final AttributeNames NAMES = AttributeNames.of(
            "IFLA_BR_",
            "UNSPEC FORWARD_DELAY HELLO_TIME MAX_AGE AGEING_TIME STP_STATE PRIORITY VLAN_FILTERING VLAN_PROTOCOL "
                    + "GROUP_FWD_MASK ROOT_ID BRIDGE_ID ROOT_PORT ROOT_PATH_COST TOPOLOGY_CHANGE "
                    + "TOPOLOGY_CHANGE_DETECTED HELLO_TIMER TCN_TIMER TOPOLOGY_CHANGE_TIMER GC_TIMER GROUP_ADDR "
                    + "FDB_FLUSH MCAST_ROUTER MCAST_SNOOPING MCAST_QUERY_USE_IFADDR MCAST_QUERIER "
                    + "MCAST_HASH_ELASTICITY MCAST_HASH_MAX MCAST_LAST_MEMBER_CNT MCAST_STARTUP_QUERY_CNT "
                    + "MCAST_LAST_MEMBER_INTVL MCAST_MEMBERSHIP_INTVL MCAST_QUERIER_INTVL MCAST_QUERY_INTVL "
                    + "MCAST_QUERY_RESPONSE_INTVL MCAST_STARTUP_QUERY_INTVL NF_CALL_IPTABLES NF_CALL_IP6TABLES "
                    + "NF_CALL_ARPTABLES VLAN_DEFAULT_PVID PAD VLAN_STATS_ENABLED MCAST_STATS_ENABLED "
                    + "MCAST_IGMP_VERSION MCAST_MLD_VERSION VLAN_STATS_PER_PORT MULTI_BOOLOPT MCAST_QUERIER_STATE "
                    + "FDB_N_LEARNED FDB_MAX_LEARNED");

    /**
     * What a bridge tells of its state, {@code IFLA_BR_ROOT_ID} to {@code IFLA_BR_GC_TIMER},
     * {@code IFLA_BR_MCAST_QUERIER_STATE} and {@code IFLA_BR_FDB_N_LEARNED}. The kernel ignores these in a request, and
     * refuses the last one.
     */
    private static final Set<Integer> STATE = Set.of(10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 47, 48);

    private static final int IFLA_BR_MULTI_BOOLOPT = 46;
    private static final int BOOLOPT = 8;

    private static final RawAttribute NO_VLAN_FILTERING = new RawAttribute(7, Bytes.ofHex("00"));

    public Bridge {
        options = List.copyOf(options);
    }

    /**
     * The same with one more option.
     *
     * @param type {@code IFLA_BR_*}
     * @param value as the kernel wants it: numbers in host byte order, times in 1/100 s
     */
    public Bridge with(int type, Bytes value) {
        List<RawAttribute> all = new ArrayList<>(options);
        all.removeIf(a -> a.type() == type);
        all.add(new RawAttribute(type, value));
        return new Bridge(all);
    }

    /**
     * What one that is made like it is to be told: not its state; nor which of its switches are off, as they are at
     * first, since a kernel without {@code CONFIG_BRIDGE_VLAN_FILTERING} tells of some that it refuses to set.
     */
    Bridge settable() {
        List<RawAttribute> told = new ArrayList<>();
        for (RawAttribute a : options) {
            int type = a.type() & ~MessageWriter.NLA_F_NESTED;
            if (type == IFLA_BR_MULTI_BOOLOPT && a.value().length() >= BOOLOPT) {
                byte[] on = Arrays.copyOf(a.value().toArray(), Integer.BYTES); // struct br_boolopt_multi: values, mask
                byte[] both = Arrays.copyOf(on, BOOLOPT);
                System.arraycopy(on, 0, both, Integer.BYTES, Integer.BYTES);
                told.add(new RawAttribute(type, Bytes.of(both)));
            } else if (!STATE.contains(type) && !a.equals(NO_VLAN_FILTERING)) {
                told.add(a);
            }
        }
        return new Bridge(told);
    }

    @Override
    public String name() {
        return NAME;
    }

    void write(MessageWriter w) {
        options.forEach(a -> a.write(w));
    }

    static Bridge read(AttributeReader a) {
        List<RawAttribute> options = new ArrayList<>();
        while (a.next()) {
            options.add(RawAttribute.of(a));
        }
        return new Bridge(options);
    }
}
