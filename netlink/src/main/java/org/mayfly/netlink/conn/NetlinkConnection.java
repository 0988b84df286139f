package org.mayfly.netlink.conn;

import static org.mayfly.netlink.ControlType.NLMSG_DONE;
import static org.mayfly.netlink.ControlType.NLMSG_ERROR;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_ACK;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_DUMP;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_DUMP_INTR;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_REQUEST;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.ExtendedAck;
import org.mayfly.netlink.MessageReader;
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

    private static final int NFNL_MSG_BATCH_END = 0x11;

    /** In the header of a message. */
    private static final int TYPE_OFFSET = 4;

    private static final int FLAGS_OFFSET = 6;
    private static final int SEQUENCE_OFFSET = 8;

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
    private final MessageReader reader = new MessageReader(in);
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
        while (true) {
            int from = nextOf(operation, expected, expected);
            if (reader.type() == NLMSG_ERROR) {
                if (ExtendedAck.errno(in, reader) != 0) {
                    throw refusal(operation, from, expected);
                }
                return;
            }
        }
    }

    /**
     * Sends a batch of nfnetlink. Its last change alone is acknowledged, as kernels before 6.10 never acknowledge
     * {@code NFNL_MSG_BATCH_END}. What failed is reported in the order of the messages once all is decided, so that
     * this acknowledgement, if no error came before it, says that the whole batch has happened.
     *
     * @param w {@code NFNL_MSG_BATCH_BEGIN}, at least one change, {@code NFNL_MSG_BATCH_END}
     * @throws NetlinkException the first error, with the others as suppressed ones; then nothing has happened
     */
    public void batch(String operation, MessageWriter w) throws IOException {
        int first = sequence;
        int last = number(w);
        reader.drop();
        transport.send(w.buffer(), w.length());
        NetlinkException failure = null;
        while (true) {
            int answered = nextOf(operation, first, last);
            if (reader.type() != NLMSG_ERROR) {
                continue;
            }
            if (ExtendedAck.errno(in, reader) != 0) {
                NetlinkException refusal = refusal(operation, answered, first);
                if (failure == null) {
                    failure = refusal;
                } else {
                    failure.addSuppressed(refusal);
                }
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

    /** @return the sequence number of the last change, which asks for an acknowledgement */
    private int number(MessageWriter w) {
        ByteBuffer b = w.buffer();
        int change = -1;
        int last = sequence;
        for (int at = 0; at < w.length(); at += b.getInt(at)) {
            if (at > 0 && b.getShort(at + TYPE_OFFSET) != NFNL_MSG_BATCH_END) {
                change = at;
                last = sequence;
            }
            b.putInt(at + SEQUENCE_OFFSET, sequence++);
        }
        if (change < 0) {
            throw new IllegalArgumentException("a batch without a change");
        }
        b.putShort(change + FLAGS_OFFSET, (short) (b.getShort(change + FLAGS_OFFSET) | NLM_F_ACK));
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
     *
     * @throws NetlinkException if the kernel refuses; with {@code EINTR} if things never stopped changing
     */
    public <T> List<T> dump(String operation, MessageWriter w, Decoder<T> decoder) throws IOException {
        for (int attempt = 1; attempt <= DUMP_ATTEMPTS; attempt++) {
            List<T> found = new ArrayList<>();
            if (answers(operation, send(w, NLM_F_REQUEST | NLM_F_DUMP), decoder, found)) {
                return found;
            }
        }
        String why = "interrupted by changes " + DUMP_ATTEMPTS + " times";
        throw new NetlinkException(operation, Errno.EINTR, why, 0);
    }

    private int send(MessageWriter w, int flags) throws IOException {
        ByteBuffer b = w.buffer();
        if (w.length() < MessageWriter.HEADER || b.getInt(0) != w.length()) {
            throw new IllegalArgumentException("one message is needed, ended");
        }
        int seq = sequence++;
        b.putShort(FLAGS_OFFSET, (short) (b.getShort(FLAGS_OFFSET) | flags)).putInt(SEQUENCE_OFFSET, seq);
        reader.drop();
        transport.send(b, w.length());
        return seq;
    }

    /**
     * Reads on to the end of the answer even if the decoder fails: a dump that is left in the middle would make the
     * next one an {@code EBUSY}.
     *
     * @return false if the dump was interrupted
     */
    private <T> boolean answers(String operation, int expected, Decoder<T> decoder, List<T> found) throws IOException {
        boolean whole = true;
        RuntimeException failed = null;
        while (true) {
            nextOf(operation, expected, expected);
            whole &= (reader.flags() & NLM_F_DUMP_INTR) == 0;
            if (reader.type() == NLMSG_ERROR || reader.type() == NLMSG_DONE) {
                if (failed != null) {
                    throw failed;
                }
                if (ExtendedAck.errno(in, reader) != 0) {
                    throw refusal(operation, expected, expected);
                }
                return whole;
            }
            try {
                T one = failed != null ? null : decoder.decode(reader.type(), in, reader.offset(), reader.length());
                if (one != null) {
                    found.add(one);
                }
            } catch (RuntimeException e) {
                failed = e;
            }
        }
    }

    /**
     * Moves the reader to the next message that answers one of the sequence numbers, and skips the rest of what was
     * given up earlier.
     *
     * @return the number it answers
     * @throws NetlinkException if the kernel answers what was never asked
     */
    private int nextOf(String operation, int first, int last) throws IOException {
        while (true) {
            while (!reader.next()) {
                receive(operation, first);
            }
            int answered = reader.sequence();
            if (answered - last > 0) {
                String what = "an answer to " + answered + ", which was not asked";
                throw new NetlinkException(operation, Errno.EPROTO, what, 0, first, 0);
            }
            if (answered - first >= 0) {
                return answered;
            }
        }
    }

    private void receive(String operation, int asked) throws IOException {
        try {
            if (transport.receive(in)) {
                reader.reset();
                return;
            }
        } catch (NetlinkException e) {
            String lost = "the answer was lost (" + e.getMessage() + ")";
            throw new NetlinkException(operation, e.errno(), lost, 0, asked, 0);
        }
        String late = "no answer in " + TIMEOUT_SECONDS + " s";
        throw new NetlinkException(operation, Errno.ETIMEDOUT, late, 0, asked, 0);
    }

    private NetlinkException refusal(String operation, int answered, int first) {
        return ExtendedAck.read(in, reader).exception(operation, answered, answered - first);
    }

    @Override
    public void close() {
        transport.close();
    }
}
