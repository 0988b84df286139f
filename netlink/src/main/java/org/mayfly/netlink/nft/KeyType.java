package org.mayfly.netlink.nft;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The type of a set's keys, or of what the keys of a map lead to: one type, or several beside each other.
 *
 * @param number of the type; of a concatenation, the numbers of its fields with 6 bits each, the last one lowest
 * @param length bytes; of a concatenation, each field is padded to 4
 * @param byteOrder what the {@code nft} command wants to know to print the elements: {@code enum byteorder} of its
 *     {@code datatype.h}, 0 unknown or mixed, 1 host, 2 network
 */
public record KeyType(int number, int length, int byteOrder) {
    /** Of a map that says what becomes of a packet: {@code NFT_DATA_VERDICT}, {@code struct nft_verdict}. */
    public static final KeyType VERDICT = new KeyType(0xffffff00, 16, 0);

    private static final int BITS_PER_TYPE = 6;
    private static final int HOST = 1;
    private static final int NETWORK = 2;

    /** A single type, or a concatenation. */
    public static KeyType of(DataType... fields) {
        int number = 0;
        int length = 0;
        for (DataType f : fields) {
            number = number << BITS_PER_TYPE | f.number();
            length += fields.length == 1 ? f.length() : f.length() + 3 & ~3;
        }
        int order = fields.length > 1 ? 0 : fields[0].hostOrder() ? HOST : NETWORK;
        return new KeyType(number, length, order);
    }

    /** @param item of the user data that has the byte order, if any has */
    static KeyType of(int number, int length, UserData userData, int item) {
        byte[] order = userData.value(item);
        boolean there = order != null && order.length == 4;
        return new KeyType(
                number,
                length,
                there ? ByteBuffer.wrap(order).order(ByteOrder.nativeOrder()).getInt() : 0);
    }

    /** As the user data of a set has it, in host order. */
    byte[] byteOrderBytes() {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(byteOrder)
                .array();
    }
}
