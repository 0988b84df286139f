package org.mayfly.netlink.nft;

import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;

/**
 * Golden bytes of {@code nft} 1.0.6 and Linux 6.18, little-endian, without the netlink header. Requests: {@code unshare
 * -n strace -e trace=sendmsg -e write=all -s 100000 nft -f FILE}. Answers: {@code unshare -n sh -c 'nft -f FILE; strace
 * -e trace=recvmsg -e read=all -s 100000 nft list ruleset'}.
 */
final class Golden {
    static final Table TABLE = new Table(NftFamily.INET, "mayfly");

    /** {@code NFTA_…_TABLE}: the table of all examples. */
    static final String TABLE_NAME = "0b000100 6d6179666c7900";

    private Golden() {}

    static MessageWriter body() {
        return new MessageWriter(1024);
    }

    static Bytes written(MessageWriter w) {
        byte[] b = new byte[w.length()];
        w.buffer().get(0, b);
        return Bytes.of(b);
    }
}
