package org.mayfly.netlink.conn;

import static org.mayfly.netlink.ControlType.NLMSG_DONE;
import static org.mayfly.netlink.ControlType.NLMSG_ERROR;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_ACK;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_DUMP;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_DUMP_INTR;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_ECHO;
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
import org.mayfly.netlink.Vocabulary;
import org.mayfly.netlink.sys.NetlinkSocket;

/**
 * Asks the kernel one thing at a time. A request that succeeds allocates nothing here.
 *
 * <p>Source: netlink(7), {@code linux/netlink.h}. One thread at a time; any thread may close it, and a request that
 * waits then ends with an {@link java.nio.channels.AsynchronousCloseException}.
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

    private static final int TIMEOUT_MILLISECONDS = 10_000;
    private static final int DUMP_ATTEMPTS = 5;
    private static final int RECEIVE = 1 << 16;

    /** The most one datagram may be: a batch that carries 100,000 set elements over. Nothing is set aside for it. */
    private static final int SEND = 1 << 24;

    /** Room for a few thousand refusals of one batch. */
    private static final int RECEIVE_BUFFER = 1 << 21;

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
    private final Asked asked;
    private final ByteBuffer in = ByteBuffer.allocateDirect(RECEIVE).order(ByteOrder.nativeOrder());
    private final MessageReader reader = new MessageReader(in);
    private final int sendLimit;
    private int sequence = 1;

    /** Whether its answer has not been read to the end. */
    private boolean busy;

    NetlinkConnection(Transport transport, Vocabulary vocabulary) throws IOException {
        this.transport = transport;
        this.asked = new Asked(vocabulary, in);
        this.sendLimit = transport.sendLimit();
    }

    /**
     * Connects to a family in the network namespace of the calling thread.
     *
     * @param protocol {@link #NETLINK_ROUTE} and its kind
     * @param vocabulary for what errors say; {@link Vocabulary#NONE} where nobody has written one down
     */
    public static NetlinkConnection open(int protocol, Vocabulary vocabulary) throws IOException {
        NetlinkSocket socket = NetlinkSocket.open(protocol);
        socket.option(NETLINK_CAP_ACK, 1);
        socket.option(NETLINK_EXT_ACK, 1);
        socket.option(NETLINK_GET_STRICT_CHK, 1);
        socket.sendBuffer(SEND);
        socket.receiveBuffer(RECEIVE_BUFFER);
        return new NetlinkConnection(Transport.of(socket), vocabulary);
    }

    /**
     * The most bytes that one message, or one batch, may be: 16 MB, but where the machine's limit ({@code
     * net.core.wmem_max}) cannot be passed for want of CAP_NET_ADMIN in the initial user namespace, some 400 KB.
     */
    public int sendLimit() {
        return sendLimit;
    }

    /**
     * Sends the one message in the writer and waits until the kernel has done it.
     *
     * @throws NetlinkException if the kernel refuses
     */
    public void request(MessageWriter w) throws IOException {
        int expected = send(w, NLM_F_REQUEST | NLM_F_ACK);
        do {
            nextOf(expected, expected);
        } while (reader.type() != NLMSG_ERROR);
        busy = false;
        if (ExtendedAck.errno(in, reader) != 0) {
            throw asked.refusal(in, reader, expected, expected);
        }
    }

    /**
     * Sends a batch of nfnetlink. Its last change alone is acknowledged, as kernels before 6.10 never acknowledge
     * {@code NFNL_MSG_BATCH_END}. What failed is reported in the order of the messages once all is decided, so that
     * this acknowledgement, if no error came before it, says that the whole batch has happened.
     *
     * @param operation what it is for, as an error is to say
     * @param w {@code NFNL_MSG_BATCH_BEGIN}, at least one change, {@code NFNL_MSG_BATCH_END}
     * @throws NetlinkException the first error, with the others as suppressed ones; then nothing has happened
     */
    public void batch(String operation, MessageWriter w) throws IOException {
        int first = sequence;
        int last = number(w, 0);
        transmit(operation, w);
        decided(first, last, (type, b, offset, length) -> null, List.of()); // nothing is ever added
    }

    /**
     * The same with {@code NLM_F_ECHO}: the kernel tells what came of it, as it tells those who have subscribed.
     *
     * @return what it told; it comes before the acknowledgement
     * @throws NetlinkException as in {@link #batch(String, MessageWriter)}; with {@code ENOBUFS} if what it told did
     *     not fit into the receive buffer, so that it is not known whether the batch has happened
     */
    public <T> List<T> batch(String operation, MessageWriter w, Decoder<T> decoder) throws IOException {
        int first = sequence;
        int last = number(w, NLM_F_ECHO);
        transmit(operation, w);
        List<T> told = new ArrayList<>();
        decided(first, last, decoder, told);
        return told;
    }

    private <T> void decided(int first, int last, Decoder<T> decoder, List<T> told) throws IOException {
        NetlinkException failure = null;
        while (true) {
            int answered;
            try {
                answered = nextOf(first, last);
            } catch (NetlinkException e) {
                throw e.errno() == Errno.ENOBUFS ? refusalBehind(e, first, last) : e;
            }
            if (reader.type() != NLMSG_ERROR) {
                T one = decoder.decode(reader.type(), in, reader.offset(), reader.length());
                if (one != null) {
                    told.add(one);
                }
                continue;
            }
            if (ExtendedAck.errno(in, reader) != 0) {
                NetlinkException refusal = asked.refusal(in, reader, answered, first);
                if (failure == null) {
                    failure = refusal;
                } else {
                    failure.addSuppressed(refusal);
                }
            }
            // An error of the beginning (no right, a stale generation, a failed commit) is all that comes.
            boolean decided = answered == last || failure != null && answered == first;
            if (decided) {
                busy = false;
                if (failure != null) {
                    throw failure;
                }
                return;
            }
        }
    }

    /** There were more refusals than the socket holds: what it still holds says why, and comes after the error. */
    private NetlinkException refusalBehind(NetlinkException lost, int first, int last) throws IOException {
        while (transport.receive(in, 0)) {
            reader.reset();
            while (reader.next()) {
                int answered = reader.sequence();
                boolean ours = answered - first >= 0 && answered - last <= 0;
                if (ours && reader.type() == NLMSG_ERROR && ExtendedAck.errno(in, reader) != 0) {
                    NetlinkException refusal = asked.refusal(in, reader, answered, first);
                    refusal.addSuppressed(lost);
                    return refusal;
                }
            }
        }
        return lost;
    }

    /** @return the sequence number of the last change, which asks for an acknowledgement */
    private int number(MessageWriter w, int flags) {
        ByteBuffer b = w.buffer();
        int change = -1;
        int last = sequence;
        for (int at = 0; at < w.length(); at += b.getInt(at)) {
            if (at > 0 && b.getShort(at + TYPE_OFFSET) != NFNL_MSG_BATCH_END) {
                change = at;
                last = sequence;
                flag(b, at, flags);
            }
            b.putInt(at + SEQUENCE_OFFSET, sequence++);
        }
        if (change < 0) {
            throw new IllegalArgumentException("a batch without a change");
        }
        flag(b, change, NLM_F_ACK);
        return last;
    }

    private static void flag(ByteBuffer b, int message, int flags) {
        b.putShort(message + FLAGS_OFFSET, (short) (b.getShort(message + FLAGS_OFFSET) | flags));
    }

    /** Sends the one message in the writer and gathers what comes before its acknowledgement. */
    public <T> List<T> query(MessageWriter w, Decoder<T> decoder) throws IOException {
        List<T> found = new ArrayList<>();
        answers(send(w, NLM_F_REQUEST | NLM_F_ACK), decoder, found);
        return found;
    }

    /**
     * Sends the one message in the writer with {@code NLM_F_DUMP} and gathers what comes; again from the start, a few
     * times, if the kernel says that things changed meanwhile.
     *
     * @throws NetlinkException if the kernel refuses; with {@code EINTR} if things never stopped changing
     */
    public <T> List<T> dump(MessageWriter w, Decoder<T> decoder) throws IOException {
        int attempt = 0;
        int seq;
        do {
            List<T> found = new ArrayList<>();
            seq = send(w, NLM_F_REQUEST | NLM_F_DUMP);
            if (answers(seq, decoder, found)) {
                return found;
            }
        } while (++attempt < DUMP_ATTEMPTS);
        throw asked.failure(Errno.EINTR, "interrupted by changes " + DUMP_ATTEMPTS + " times", seq);
    }

    private int send(MessageWriter w, int flags) throws IOException {
        ByteBuffer b = w.buffer();
        if (w.length() < MessageWriter.HEADER || b.getInt(0) != w.length()) {
            throw new IllegalArgumentException("one message is needed, ended");
        }
        int seq = sequence++;
        flag(b, 0, flags);
        b.putInt(SEQUENCE_OFFSET, seq);
        transmit(null, w);
        return seq;
    }

    private void transmit(@Nullable String operation, MessageWriter w) throws IOException {
        reader.drop();
        if (busy) {
            drain();
        }
        busy = true;
        asked.begin(operation, w.buffer());
        if (w.length() > sendLimit) {
            String size = w.length() + " bytes are more than the " + sendLimit + " that this socket sends at once";
            throw asked.failure(Errno.EMSGSIZE, size, 0);
        }
        transport.send(w.buffer(), w.length());
    }

    /**
     * An exchange was given up: what still comes of it is in the way, and where the kernel has lost something, it says
     * nothing more at all until the socket is empty ({@code NETLINK_S_CONGESTED}).
     */
    private void drain() throws IOException {
        while (true) {
            try {
                if (!transport.receive(in, 0)) {
                    return;
                }
            } catch (NetlinkException e) {
                if (e.errno() != Errno.ENOBUFS && e.errno() != Errno.EMSGSIZE) {
                    throw e;
                }
            }
        }
    }

    /**
     * Reads on to the end of the answer even if the decoder fails: a dump that is left in the middle would make the
     * next one an {@code EBUSY}.
     *
     * @return false if the dump was interrupted
     */
    private <T> boolean answers(int expected, Decoder<T> decoder, List<T> found) throws IOException {
        boolean whole = true;
        RuntimeException failed = null;
        while (true) {
            nextOf(expected, expected);
            whole &= (reader.flags() & NLM_F_DUMP_INTR) == 0;
            if (reader.type() == NLMSG_ERROR || reader.type() == NLMSG_DONE) {
                busy = false;
                if (failed != null) {
                    throw failed;
                }
                if (ExtendedAck.errno(in, reader) != 0) {
                    throw asked.refusal(in, reader, expected, expected);
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
    private int nextOf(int first, int last) throws IOException {
        while (true) {
            while (!reader.next()) {
                receive(first);
            }
            int answered = reader.sequence();
            if (answered - last > 0) {
                String what = "an answer to " + answered + ", which was not asked";
                throw asked.failure(Errno.EPROTO, what, first);
            }
            if (answered - first >= 0) {
                return answered;
            }
        }
    }

    private void receive(int first) throws IOException {
        try {
            if (transport.receive(in, TIMEOUT_MILLISECONDS)) {
                reader.reset();
                return;
            }
        } catch (NetlinkException e) {
            String lost = "the answer was lost (" + e.getMessage() + ")";
            NetlinkException why = asked.failure(e.errno(), lost, first);
            why.initCause(e);
            throw why;
        }
        String late = "no answer in " + TIMEOUT_MILLISECONDS / 1000 + " s";
        throw asked.failure(Errno.ETIMEDOUT, late, first);
    }

    /** Our port id: events that a request of ours caused carry it. */
    public int portId() throws IOException {
        return transport.portId();
    }

    @Override
    public void close() {
        transport.close();
    }
}
