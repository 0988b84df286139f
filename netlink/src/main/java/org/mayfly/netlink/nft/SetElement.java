package org.mayfly.netlink.nft;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * One element of a set.
 *
 * @param key as long as the set's key
 * @param timeout how long it lives from when it was added; null for ever
 * @param expiration how much of that is left; null in one that is to be added anew
 * @param unknown attributes this library has no name for
 */
public record SetElement(
        Bytes key,
        @Nullable Duration timeout,
        @Nullable Duration expiration,
        UserData userData,
        List<RawAttribute> unknown) {
    static final int NFTA_LIST_ELEM = 1;
    static final int NFTA_SET_ELEM_KEY = 1;
    static final int NFTA_SET_ELEM_TIMEOUT = 4;
    static final int NFTA_SET_ELEM_EXPIRATION = 5;
    static final int NFTA_SET_ELEM_USERDATA = 6;
    private static final int NFTA_DATA_VALUE = 1;

    private static final AttributeNames DATA_NAMES = AttributeNames.of("NFTA_DATA_", "UNSPEC VALUE VERDICT");

    static final AttributeNames NAMES = AttributeNames.of(
                    "NFTA_SET_ELEM_",
                    "UNSPEC KEY DATA FLAGS TIMEOUT EXPIRATION USERDATA EXPR PAD OBJREF KEY_END EXPRESSIONS")
            .nest("KEY", DATA_NAMES)
            .nest("KEY_END", DATA_NAMES)
            .nest("DATA", DATA_NAMES);

    public SetElement {
        unknown = List.copyOf(unknown);
    }

    /** One that stays. */
    public static SetElement of(Bytes key) {
        return new SetElement(key, null, null, UserData.EMPTY, List.of());
    }

    /**
     * One that goes by itself; the kernel counts in milliseconds.
     *
     * @throws IllegalArgumentException for less than one: the kernel would take 0 for ever
     */
    public static SetElement of(Bytes key, Duration timeout) {
        if (timeout.toMillis() <= 0) {
            throw new IllegalArgumentException("an element cannot live for " + timeout);
        }
        return new SetElement(key, timeout, null, UserData.EMPTY, List.of());
    }

    void write(MessageWriter w) {
        int element = w.nest(NFTA_LIST_ELEM);
        if (timeout != null) {
            w.attrBe64(NFTA_SET_ELEM_TIMEOUT, timeout.toMillis());
        }
        if (expiration != null) {
            w.attrBe64(NFTA_SET_ELEM_EXPIRATION, expiration.toMillis());
        }
        int nest = w.nest(NFTA_SET_ELEM_KEY);
        key.write(w, NFTA_DATA_VALUE);
        w.endNest(nest);
        if (userData.bytes().length() > 0) {
            userData.bytes().write(w, NFTA_SET_ELEM_USERDATA);
        }
        w.endNest(element);
    }

    static SetElement read(AttributeReader a) {
        Bytes key = null;
        Duration timeout = null;
        Duration expiration = null;
        UserData userData = UserData.EMPTY;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case NFTA_SET_ELEM_KEY -> key = readKey(a.nested());
                case NFTA_SET_ELEM_TIMEOUT -> timeout = Duration.ofMillis(a.be64());
                case NFTA_SET_ELEM_EXPIRATION -> expiration = Duration.ofMillis(a.be64());
                case NFTA_SET_ELEM_USERDATA -> userData = UserData.of(a.bytes());
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        if (key == null) {
            throw new MalformedMessageException("an element without a key", a.offset());
        }
        return new SetElement(key, timeout, expiration, userData, unknown);
    }

    private static @Nullable Bytes readKey(AttributeReader a) {
        Bytes value = null;
        while (a.next()) {
            if (a.type() == NFTA_DATA_VALUE) {
                value = Bytes.of(a.bytes());
            }
        }
        return value;
    }
}
