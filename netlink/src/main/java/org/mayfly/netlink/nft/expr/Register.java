package org.mayfly.netlink.nft.expr;

/**
 * The registers of nf_tables. The same 64 bytes have two sets of names: four registers of 16 bytes, and sixteen of 4.
 *
 * <pre>
 *  NFT_REG_1       NFT_REG_2       NFT_REG_3       NFT_REG_4         numbers 1 to 4
 * +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
 * | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 |10 |11 |12 |13 |14 |15 | NFT_REG32_00 to 15, numbers 8 to 23
 * +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
 * </pre>
 *
 * <p>A dump names a register by its first set of names where it can. Source: {@code linux/netfilter/nf_tables.h}.
 */
public final class Register {
    /** {@code NFT_REG_VERDICT}: where an immediate expression puts what becomes of the packet. */
    public static final int VERDICT = 0;

    /** {@code NFT_REG_1}. */
    public static final int REG_1 = 1;

    /** No register, where one may be left out. */
    public static final int NONE = -1;

    private static final int REG32_00 = 8;

    private Register() {}

    /**
     * The register that begins {@code word} words of 4 bytes after the first, under the name a dump gives it.
     *
     * @param word 0 to 15
     */
    public static int atWord(int word) {
        if (word < 0 || word > 15) {
            throw new IllegalArgumentException("there are 16 words of registers, no word " + word);
        }
        return word % 4 == 0 ? REG_1 + word / 4 : REG32_00 + word;
    }
}
