package org.mayfly.netlink.nft;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.Bytes;

/**
 * What user space keeps with an object for itself; the kernel only stores it. The {@code nft} command reads and writes
 * it as libnftnl does ({@code libnftnl/udata.h}), one item after another:
 *
 * <pre>
 *  0      1        2
 * +------+--------+---------
 * | type | length | value
 * +------+--------+---------
 * </pre>
 *
 * @param bytes as the kernel has them, whether or not they are such items
 */
public record UserData(Bytes bytes) {
    public static final UserData EMPTY = new UserData(Bytes.EMPTY);

    /** {@code NFTNL_UDATA_TABLE_COMMENT}, {@code …_CHAIN_COMMENT}, {@code …_RULE_COMMENT}, {@code …_SET_ELEM_COMMENT}. */
    static final int COMMENT = 0;

    /** {@code NFTNL_UDATA_COMMENT_MAXLEN}, its terminating zero included. */
    private static final int COMMENT_MAX = 128;

    static UserData of(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new UserData(Bytes.of(bytes));
    }

    /** The comment of a table, a chain, a rule or an element. */
    public static UserData comment(String text) {
        return EMPTY.with(COMMENT, text);
    }

    /** The comment of a table, a chain, a rule or an element; null if there is none. */
    public @Nullable String comment() {
        return text(COMMENT);
    }

    /** These with another comment, of a table, a chain, a rule or an element. */
    UserData withComment(String text) {
        return with(COMMENT, text);
    }

    /** These with an item, in the place of the one of its type if there is one. */
    UserData with(int type, byte[] value) {
        if (value.length > 255) {
            throw new IllegalArgumentException("an item of user data has at most 255 bytes, not " + value.length);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] before = bytes.toArray();
        Integer same = find(type);
        int at = same == null ? before.length : same;
        out.write(before, 0, at);
        out.write(type);
        out.write(value.length);
        out.writeBytes(value);
        int behind = same == null ? at : at + 2 + bytes.get(at + 1);
        out.write(before, behind, before.length - behind);
        return new UserData(Bytes.of(out.toByteArray()));
    }

    UserData with(int type, String text) {
        byte[] b = text.getBytes(StandardCharsets.UTF_8);
        if (b.length >= COMMENT_MAX) {
            throw new IllegalArgumentException("a comment has at most " + (COMMENT_MAX - 1) + " bytes: " + text);
        }
        return with(type, Arrays.copyOf(b, b.length + 1));
    }

    private @Nullable Integer find(int type) {
        for (int at = 0; at + 2 <= bytes.length() && at + 2 + bytes.get(at + 1) <= bytes.length(); ) {
            if (bytes.get(at) == type) {
                return at;
            }
            at += 2 + bytes.get(at + 1);
        }
        return null;
    }

    /** The value of an item; null if there is none. */
    byte @Nullable [] value(int type) {
        Integer at = find(type);
        return at == null ? null : Arrays.copyOfRange(bytes.toArray(), at + 2, at + 2 + bytes.get(at + 1));
    }

    /** The value of an item as text, without its terminating zero; null if there is none. */
    @Nullable
    String text(int type) {
        Integer at = find(type);
        if (at == null) {
            return null;
        }
        int length = bytes.get(at + 1);
        boolean terminated = length > 0 && bytes.get(at + 1 + length) == 0;
        return new String(bytes.toArray(), at + 2, terminated ? length - 1 : length, StandardCharsets.UTF_8);
    }
}
