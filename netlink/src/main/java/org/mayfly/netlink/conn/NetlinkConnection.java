package org.mayfly.netlink.conn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.sys.NetlinkSocket;

/**
 * Asks the kernel one thing at a time. A request that succeeds allocates nothing here.
 *
 * <p>Source: netlink(7), {@code linux/netlink.h}. One thread at a time.
 */
public final class NetlinkConnection implements AutoCloseable {
    public static final int NETLINK_ROUTE = 0;
    public static final int NETLINK_SOCK_DIAG = 4;
    public static final int NETLINK_NETFILTER = 12;

    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NETLINK_GET_STRICT_CHK = 12;

    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int NFNL_MSG_BATCH_END = 0x11;
    private static final int NLM_F_REQUEST = 1;
    private static final int NLM_F_ACK = 4;
    private static final int NLM_F_DUMP_INTR = 0x10;
    private static final int NLM_F_DUMP = 0x300;
    private static final int NLM_F_ACK_TLVS = 0x200;

    private static final int NLMSGERR_ATTR_MSG = 1;
    private static final int NLMSGERR_ATTR_OFFS = 2;

    private static final int TIMEOUT_SECONDS = 10;
    private static final int DUMP_ATTEMPTS = 5;
    private static final int RECEIVE = 1 << 16;

    /** The most one datagram may be: a batch that carries 100,000 set elements over. Nothing is set aside for it. */
    private static final int SEND = 1 << 24;

    /** Reads one message of a dump. */
    @FunctionalInterface
    public interface Decoder<T> {
        /**
         * @param type {@code nlmsg_type}
         * @param offset of the payload behind the header
         * @param length of the payload
         * @return null for a message that is of no interest
         */
        @Nullable
        T decode(int type, ByteBuffer buffer, int offset, int length);
    }

    private final Transport transport;
    private final ByteBuffer in = ByteBuffer.allocateDirect(RECEIVE).order(ByteOrder.nativeOrder());
    private int sequence = 1;

    NetlinkConnection(Transport transport) {
        this.transport = transport;
    }

    /**
     * Connects to a family in the network namespace of the calling thread.
     *
     * @param protocol {@link #NETLINK_ROUTE} and its kind
     */
    public static NetlinkConnection open(int protocol) throws IOException {
        NetlinkSocket socket = NetlinkSocket.open(protocol);
        socket.option(NETLINK_CAP_ACK, 1);
        socket.option(NETLINK_EXT_ACK, 1);
        socket.option(NETLINK_GET_STRICT_CHK, 1);
        socket.timeout(TIMEOUT_SECONDS);
        socket.sendBuffer(SEND);
        return new NetlinkConnection(new Transport() {
            @Override
            public void send(ByteBuffer direct, int length) throws IOException {
                socket.send(direct, length);
            }

            @Override
            public boolean receive(ByteBuffer into) throws IOException {
                return socket.receive(into, 0);
            }

            @Override
            public void close() {
                socket.close();
            }
        });
    }

    /**
     * Sends the one message in the writer and waits until the kernel has done it.
     *
     * @param operation for the error's message
     * @throws NetlinkException if the kernel refuses
     */
    public void request(String operation, MessageWriter w) throws IOException {
        int expected = send(w, NLM_F_REQUEST | NLM_F_ACK);
        await(operation, expected);
    }

    /**
     * Sends a batch of nfnetlink. Its last change alone is acknowledged, as kernels before 6.10 never acknowledge
     * {@code NFNL_MSG_BATCH_END}. What failed is reported in the order of the messages once all is decided, so that
     * this acknowledgement, if no error came before it, says that the whole batch has happened.
     *
     * @param w {@code NFNL_MSG_BATCH_BEGIN}, at least one change, {@code NFNL_MSG_BATCH_END}
     * @throws NetlinkException the first error; then nothing has happened
     */
    public void batch(String operation, MessageWriter w) throws IOException {
        int first = sequence;
        int last = number(w);
        transport.send(w.buffer(), w.length());
        NetlinkException failure = null;
        while (true) {
            receive(operation);
            for (int at = 0; at + MessageWriter.HEADER <= in.limit(); at += align(in.getInt(at))) {
                int answered = in.getInt(at + 8);
                boolean ours = answered - first >= 0 && answered - last <= 0; // else the rest of what was given up
                if (!ours || in.getShort(at + 4) != NLMSG_ERROR) {
                    continue;
                }
                if (in.getInt(at + MessageWriter.HEADER) != 0 && failure == null) {
                    failure = error(operation, at);
                }
                // An error of the beginning (no right, a stale generation, a failed commit) is all that comes.
                if (failure != null && (answered == first || answered == last)) {
                    throw failure;
                }
                if (answered == last) {
                    return;
                }
            }
        }
    }

    /** @return the sequence number of the last change, which asks for an acknowledgement */
    private int number(MessageWriter w) {
        ByteBuffer b = w.buffer();
        int change = -1;
        int last = sequence;
        for (int at = 0; at < w.length(); at += b.getInt(at)) {
            if (at > 0 && b.getShort(at + 4) != NFNL_MSG_BATCH_END) {
                change = at;
                last = sequence;
            }
            b.putInt(at + 8, sequence++);
        }
        if (change < 0) {
            throw new IllegalArgumentException("a batch without a change");
        }
        b.putShort(change + 6, (short) (b.getShort(change + 6) | NLM_F_ACK));
        return last;
    }

    /** Sends the one message in the writer and gathers what comes before its acknowledgement. */
    public <T> List<T> query(String operation, MessageWriter w, Decoder<T> decoder) throws IOException {
        List<T> found = new ArrayList<>();
        answers(operation, send(w, NLM_F_REQUEST | NLM_F_ACK), decoder, found);
        return found;
    }

    /**
     * Sends the one message in the writer with {@code NLM_F_DUMP} and gathers what comes; again from the start, a few
     * times, if the kernel says that things changed meanwhile.
     */
    public <T> List<T> dump(String operation, MessageWriter w, Decoder<T> decoder) throws IOException {
        for (int attempt = 1; attempt <= DUMP_ATTEMPTS; attempt++) {
            List<T> found = new ArrayList<>();
            if (answers(operation, send(w, NLM_F_REQUEST | NLM_F_DUMP), decoder, found)) {
                return found;
            }
        }
        throw new IOException(operation + ": interrupted by changes " + DUMP_ATTEMPTS + " times");
    }

    private int send(MessageWriter w, int flags) throws IOException {
        ByteBuffer b = w.buffer();
        int seq = sequence++;
        b.putShort(6, (short) (b.getShort(6) | flags)).putInt(8, seq);
        transport.send(b, w.length());
        return seq;
    }

    private void await(String operation, int expected) throws IOException {
        while (true) {
            receive(operation);
            for (int at = 0; at + MessageWriter.HEADER <= in.limit(); at += align(in.getInt(at))) {
                if (in.getInt(at + 8) == expected && in.getShort(at + 4) == NLMSG_ERROR) {
                    if (in.getInt(at + MessageWriter.HEADER) != 0) {
                        throw error(operation, at);
                    }
                    return;
                }
            }
        }
    }

    /** @return false if the dump was interrupted */
    private <T> boolean answers(String operation, int expected, Decoder<T> decoder, List<T> found) throws IOException {
        boolean whole = true;
        while (true) {
            receive(operation);
            for (int at = 0; at + MessageWriter.HEADER <= in.limit(); at += align(in.getInt(at))) {
                if (in.getInt(at + 8) != expected) {
                    continue; // the rest of something that was given up
                }
                int type = in.getShort(at + 4) & 0xffff;
                int length = in.getInt(at) - MessageWriter.HEADER;
                whole &= (in.getShort(at + 6) & NLM_F_DUMP_INTR) == 0;
                if (type == NLMSG_ERROR || type == NLMSG_DONE) {
                    if (length >= 4 && in.getInt(at + MessageWriter.HEADER) < 0) {
                        throw error(operation, at);
                    }
                    return whole;
                }
                T one = decoder.decode(type, in, at + MessageWriter.HEADER, length);
                if (one != null) {
                    found.add(one);
                }
            }
        }
    }

    private void receive(String operation) throws IOException {
        if (!transport.receive(in)) {
            throw new IOException(operation + ": the kernel did not answer in " + TIMEOUT_SECONDS + " s");
        }
    }

    private static int align(int length) {
        return length + 3 & ~3;
    }

    private NetlinkException error(String operation, int at) {
        int errno = -in.getInt(at + MessageWriter.HEADER);
        String text = "";
        int offset = 0;
        if ((in.getShort(at + 6) & NLM_F_ACK_TLVS) != 0) {
            boolean done = in.getShort(at + 4) == NLMSG_DONE;
            int echoed =
                    done ? 4 : 4 + MessageWriter.HEADER; // NETLINK_CAP_ACK: of the request only its header comes back
            int start = at + MessageWriter.HEADER + echoed;
            AttributeReader a = new AttributeReader(in, start, at + in.getInt(at) - start);
            while (a.next()) {
                switch (a.type()) {
                    case NLMSGERR_ATTR_MSG -> text = a.string();
                    case NLMSGERR_ATTR_OFFS -> offset = a.u32();
                    default -> {}
                }
            }
        }
        return new NetlinkException(operation, errno, text, offset);
    }

    @Override
    public void close() {
        transport.close();
    }
}
