package org.mayfly.netlink.nft.expr;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Loads bytes of the packet. A packet too short for it ends the rule there.
 *
 * @param base {@code NFT_PAYLOAD_*}: from which header's start
 * @param offset bytes from there
 * @param length bytes to load
 * @param register where to
 */
public record Payload(int base, int offset, int length, int register) implements Expression {
    public static final int NETWORK_HEADER = 1;
    public static final int TRANSPORT_HEADER = 2;

    static final String NAME = "payload";

    static final AttributeNames NAMES =
            AttributeNames.of("NFTA_PAYLOAD_", "UNSPEC DREG BASE OFFSET LEN SREG CSUM_TYPE CSUM_OFFSET CSUM_FLAGS");

    private static final int NFTA_PAYLOAD_DREG = 1;
    private static final int NFTA_PAYLOAD_BASE = 2;
    private static final int NFTA_PAYLOAD_OFFSET = 3;
    private static final int NFTA_PAYLOAD_LEN = 4;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_PAYLOAD_DREG, register)
                .attrBe32(NFTA_PAYLOAD_BASE, base)
                .attrBe32(NFTA_PAYLOAD_OFFSET, offset)
                .attrBe32(NFTA_PAYLOAD_LEN, length);
    }

    static @Nullable Payload read(AttributeReader a) {
        int register = -1;
        int base = -1;
        int offset = 0;
        int length = -1;
        while (a.next()) {
            switch (a.type()) {
                case NFTA_PAYLOAD_DREG -> register = a.be32();
                case NFTA_PAYLOAD_BASE -> base = a.be32();
                case NFTA_PAYLOAD_OFFSET -> offset = a.be32();
                case NFTA_PAYLOAD_LEN -> length = a.be32();
                default -> {
                    return null; // it writes into the packet
                }
            }
        }
        return register < 0 || base < 0 || length < 0 ? null : new Payload(base, offset, length, register);
    }
}
