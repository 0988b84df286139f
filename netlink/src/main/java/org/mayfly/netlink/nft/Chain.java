package org.mayfly.netlink.nft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.nft.expr.Counter;

/**
 * A chain of rules. With a hook it is a base chain, where packets begin; without, others jump to it. Source: {@code
 * enum nft_chain_attributes} in {@code linux/netfilter/nf_tables.h}.
 *
 * @param type of a base chain: {@link #FILTER}, {@link #NAT}, {@link #ROUTE}; else null
 * @param policy of a base chain: {@code NF_DROP} or {@code NF_ACCEPT}; else null
 * @param counters of a base chain, how many packets the policy decided, where somebody wanted that counted; else null
 * @param flags {@code NFT_CHAIN_*}, but for {@code NFT_CHAIN_BASE}, which the hook says
 * @param handle the kernel's number for it; 0 in one that is to be added
 * @param unknown attributes this library has no name for
 */
public record Chain(
        NftFamily family,
        String table,
        String name,
        @Nullable String type,
        @Nullable Hook hook,
        @Nullable Integer policy,
        @Nullable Counter counters,
        int flags,
        UserData userData,
        long handle,
        List<RawAttribute> unknown) {
    public static final int POLICY_DROP = 0;
    public static final int POLICY_ACCEPT = 1;

    /** The type for what drops and accepts. */
    public static final String FILTER = "filter";

    /** The type for what translates addresses: asked for the first packet of a connection alone. */
    public static final String NAT = "nat";

    /** The type for what has packets routed anew, at {@link Hook#OUTPUT}. */
    public static final String ROUTE = "route";

    /** {@code NFT_CHAIN_HW_OFFLOAD}: the device does the work. */
    public static final int HW_OFFLOAD = 2;

    /**
     * {@code NFT_CHAIN_BINDING}: belongs to the one rule that jumps to it, and goes with it. Its own rules have to be
     * added before that one, in the same batch.
     */
    public static final int BINDING = 4;

    private static final int NFT_CHAIN_BASE = 1;

    static final int NFTA_CHAIN_TABLE = 1;
    static final int NFTA_CHAIN_HANDLE = 2;
    static final int NFTA_CHAIN_NAME = 3;
    static final int NFTA_CHAIN_HOOK = 4;
    static final int NFTA_CHAIN_POLICY = 5;
    static final int NFTA_CHAIN_USE = 6;
    static final int NFTA_CHAIN_TYPE = 7;
    private static final int NFTA_CHAIN_COUNTERS = 8;
    private static final int NFTA_CHAIN_PAD = 9;
    private static final int NFTA_CHAIN_FLAGS = 10;
    static final int NFTA_CHAIN_USERDATA = 12;

    static final AttributeNames NAMES = AttributeNames.of(
                    "NFTA_CHAIN_", "UNSPEC TABLE HANDLE NAME HOOK POLICY USE TYPE COUNTERS PAD FLAGS ID USERDATA")
            .nest("HOOK", Hook.NAMES)
            .nest("COUNTERS", Counter.NAMES);

    public Chain {
        unknown = List.copyOf(unknown);
    }

    /** A chain that others jump to. */
    public Chain(NftFamily family, String table, String name) {
        this(family, table, name, null, null, null, null, 0, UserData.EMPTY, 0, List.of());
    }

    /** A base chain of type {@link #FILTER}. */
    public static Chain filter(Table table, String name, Hook hook, int policy) {
        return base(table, name, FILTER, hook, policy);
    }

    /** A base chain. */
    public static Chain base(Table table, String name, String type, Hook hook, int policy) {
        return new Chain(table.family(), table.name(), name, type, hook, policy, null, 0, UserData.EMPTY, 0, List.of());
    }

    public Chain withComment(String text) {
        UserData u = userData.withComment(text);
        return new Chain(family, table, name, type, hook, policy, counters, flags, u, handle, unknown);
    }

    /** @param p {@link #POLICY_DROP} or {@link #POLICY_ACCEPT}; adding a chain that is there sets its policy */
    public Chain withPolicy(int p) {
        return new Chain(family, table, name, type, hook, p, counters, flags, userData, handle, unknown);
    }

    /** Has its policy count, from these figures on. */
    public Chain withCounters(Counter c) {
        return new Chain(family, table, name, type, hook, policy, c, flags, userData, handle, unknown);
    }

    /** @param f {@link #HW_OFFLOAD}, {@link #BINDING} */
    public Chain withFlags(int f) {
        return new Chain(family, table, name, type, hook, policy, counters, f, userData, handle, unknown);
    }

    void write(MessageWriter w) {
        w.attrString(NFTA_CHAIN_TABLE, table).attrString(NFTA_CHAIN_NAME, name);
        if (type != null) {
            w.attrString(NFTA_CHAIN_TYPE, type);
        }
        if (policy != null) {
            w.attrBe32(NFTA_CHAIN_POLICY, policy);
        }
        if (hook != null) {
            hook.write(w, NFTA_CHAIN_HOOK);
        }
        if (counters != null) {
            int nest = w.nest(NFTA_CHAIN_COUNTERS);
            counters.writeData(w);
            w.endNest(nest);
        }
        if (flags != 0) {
            w.attrBe32(NFTA_CHAIN_FLAGS, hook == null ? flags : flags | NFT_CHAIN_BASE);
        }
        if (userData.bytes().length() > 0) {
            userData.bytes().write(w, NFTA_CHAIN_USERDATA);
        }
        unknown.forEach(a -> a.write(w));
    }

    static Chain decode(ByteBuffer b, int offset, int length) {
        NftFamily family = NftMessage.family(b, offset, length);
        AttributeReader a = NftMessage.attributes(b, offset, length);
        String table = null;
        String name = null;
        String type = null;
        Hook hook = null;
        Integer policy = null;
        Counter counters = null;
        int flags = 0;
        UserData userData = UserData.EMPTY;
        long handle = 0;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case NFTA_CHAIN_TABLE -> table = a.string();
                case NFTA_CHAIN_NAME -> name = a.string();
                case NFTA_CHAIN_TYPE -> type = a.string();
                case NFTA_CHAIN_POLICY -> policy = a.be32();
                case NFTA_CHAIN_HANDLE -> handle = a.be64();
                case NFTA_CHAIN_USE -> a.be32(); // how many rules and jumps there are
                case NFTA_CHAIN_USERDATA -> userData = UserData.of(a.bytes());
                case NFTA_CHAIN_HOOK -> hook = Hook.read(a.nested());
                case NFTA_CHAIN_FLAGS -> flags = a.be32() & ~NFT_CHAIN_BASE;
                case NFTA_CHAIN_COUNTERS -> {
                    Counter read = Counter.read(a.nested());
                    if (read == null) {
                        unknown.add(RawAttribute.of(a));
                    } else {
                        counters = read;
                    }
                }
                case NFTA_CHAIN_PAD -> {
                    // aligns what follows
                }
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        if (table == null || name == null) {
            throw new MalformedMessageException("a chain without a name or a table", a.offset());
        }
        return new Chain(family, table, name, type, hook, policy, counters, flags, userData, handle, unknown);
    }
}
