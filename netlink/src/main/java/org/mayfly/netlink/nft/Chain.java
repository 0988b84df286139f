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

/**
 * A chain of rules. With a hook it is a base chain, where packets begin; without, others jump to it.
 *
 * @param type of a base chain: {@code filter}, {@code nat}, {@code route}; else null
 * @param policy of a base chain: {@code NF_DROP} or {@code NF_ACCEPT}; else null
 * @param handle the kernel's number for it; 0 in one that is to be added
 * @param unknown attributes this library has no name for, a hook tied to devices among them
 */
public record Chain(
        NftFamily family,
        String table,
        String name,
        @Nullable String type,
        @Nullable Hook hook,
        @Nullable Integer policy,
        UserData userData,
        long handle,
        List<RawAttribute> unknown) {
    public static final int POLICY_DROP = 0;
    public static final int POLICY_ACCEPT = 1;

    static final int NFTA_CHAIN_TABLE = 1;
    static final int NFTA_CHAIN_HANDLE = 2;
    static final int NFTA_CHAIN_NAME = 3;
    static final int NFTA_CHAIN_HOOK = 4;
    static final int NFTA_CHAIN_POLICY = 5;
    static final int NFTA_CHAIN_USE = 6;
    static final int NFTA_CHAIN_TYPE = 7;
    static final int NFTA_CHAIN_USERDATA = 12;

    static final AttributeNames NAMES = AttributeNames.of(
                    "NFTA_CHAIN_", "UNSPEC TABLE HANDLE NAME HOOK POLICY USE TYPE COUNTERS PAD FLAGS ID USERDATA")
            .nest("HOOK", Hook.NAMES);

    public Chain {
        unknown = List.copyOf(unknown);
    }

    /** A chain that others jump to. */
    public Chain(NftFamily family, String table, String name) {
        this(family, table, name, null, null, null, UserData.EMPTY, 0, List.of());
    }

    /** A base chain of type {@code filter}. */
    public static Chain filter(Table table, String name, Hook hook, int policy) {
        return new Chain(table.family(), table.name(), name, "filter", hook, policy, UserData.EMPTY, 0, List.of());
    }

    public Chain withComment(String text) {
        return new Chain(family, table, name, type, hook, policy, UserData.comment(text), handle, unknown);
    }

    void write(MessageWriter w) {
        w.attrString(NFTA_CHAIN_TABLE, table).attrString(NFTA_CHAIN_NAME, name);
        if (type != null) {
            w.attrString(NFTA_CHAIN_TYPE, type);
        }
        if (hook != null) {
            hook.write(w, NFTA_CHAIN_HOOK);
        }
        if (policy != null) {
            w.attrBe32(NFTA_CHAIN_POLICY, policy);
        }
        if (userData.bytes().length() > 0) {
            userData.bytes().write(w, NFTA_CHAIN_USERDATA);
        }
    }

    static Chain decode(ByteBuffer b, int offset, int length) {
        NftFamily family = NftMessage.family(b, offset, length);
        AttributeReader a = NftMessage.attributes(b, offset, length);
        String table = null;
        String name = null;
        String type = null;
        Hook hook = null;
        Integer policy = null;
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
                case NFTA_CHAIN_HOOK -> {
                    hook = Hook.read(a.nested());
                    if (hook == null) {
                        unknown.add(RawAttribute.of(a));
                    }
                }
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        if (table == null || name == null) {
            throw new MalformedMessageException("a chain without a name or a table", a.offset());
        }
        return new Chain(family, table, name, type, hook, policy, userData, handle, unknown);
    }
}
