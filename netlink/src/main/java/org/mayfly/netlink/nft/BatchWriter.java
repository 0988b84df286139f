package org.mayfly.netlink.nft;

import java.nio.BufferOverflowException;
import java.util.List;
import java.util.function.Consumer;
import org.mayfly.netlink.MessageWriter;

/** The messages of a batch, one after another: keeps room for the end, and begins, ends and takes back changes. */
final class BatchWriter {
    /** Bytes that a batch begins with which makes room for itself. */
    static final int FIRST = 1 << 13;

    /** Bytes that it goes up to: what a socket can be made to send. */
    private static final int LAST = 1 << 24;

    private static final int NFNL_BATCH_GENID = 1;

    /** Bytes of {@code NFNL_MSG_BATCH_END}. */
    private static final int END = MessageWriter.HEADER + NftMessage.NFGENMSG;

    private final boolean grows;
    private int begun;
    private MessageWriter w;
    private boolean ended;

    /**
     * @param w what it held is forgotten
     * @param grows whether to take a larger one when it is full
     * @param generation 0 to not ask
     */
    BatchWriter(MessageWriter w, boolean grows, int generation) {
        this.w = w;
        this.grows = grows;
        clear(generation);
    }

    /** Forgets what was written, and begins another batch. */
    void clear(int generation) {
        ended = false;
        w.reset();
        NftMessage.beginMark(w, NftMessage.NFNL_MSG_BATCH_BEGIN);
        if (generation != 0) {
            w.attrBe32(NFNL_BATCH_GENID, generation);
        }
        w.end();
        begun = w.length();
    }

    /** @throws BatchFullException if there is no room; then it is as it was */
    void change(int type, int flags, NftFamily family, Consumer<MessageWriter> body) {
        int before = start();
        while (!attempt(type, flags, family, body)) {
            makeRoom(type, before);
        }
    }

    private boolean attempt(int type, int flags, NftFamily family, Consumer<MessageWriter> body) {
        int before = w.length();
        boolean done = false;
        try {
            body.accept(NftMessage.begin(w, type, flags, family));
            w.end();
            done = w.length() <= capacity() - END;
            return done;
        } catch (BufferOverflowException full) {
            return false;
        } finally {
            if (!done) {
                w.rollback(before);
            }
        }
    }

    /**
     * Writes elements, in as many messages as they need.
     *
     * @throws BatchFullException if there is no room for all of them; then it is as it was
     */
    void elements(int type, int flags, NftSet set, List<SetElement> elements) {
        int before = start();
        boolean whole = false;
        try {
            int done = some(type, flags, set, elements, 0);
            while (done < elements.size()) {
                makeRoom(type, before);
                done = some(type, flags, set, elements, done);
            }
            whole = true;
        } finally {
            if (!whole) { // one of them is longer than an attribute can be
                w.rollback(before);
            }
        }
    }

    /**
     * Writes as many elements as there is room for, in as many messages as they need.
     *
     * @param from the first one
     * @return the first one that found no room
     */
    int some(int type, int flags, NftSet set, List<SetElement> elements, int from) {
        int done = from;
        while (done < elements.size()) {
            int next = message(type, flags, set, elements, done);
            if (next == done) {
                break;
            }
            done = next;
        }
        return done;
    }

    private int message(int type, int flags, NftSet set, List<SetElement> elements, int from) {
        int before = w.length();
        int next = from;
        try {
            NftMessage.begin(w, type, flags, set.family());
            next = ElementList.write(w, set, elements, from, END);
            w.end();
            return next;
        } catch (BufferOverflowException full) {
            return from;
        } finally {
            if (next == from) {
                w.rollback(before);
            }
        }
    }

    private int start() {
        if (ended) {
            throw new IllegalStateException("the batch was committed");
        }
        return w.length();
    }

    private int capacity() {
        return w.buffer().capacity();
    }

    private void makeRoom(int type, int before) {
        int capacity = capacity();
        if (!grows || capacity >= LAST) {
            w.rollback(before);
            throw new BatchFullException(NftVocabulary.INSTANCE.name(type), before, capacity);
        }
        byte[] written = new byte[w.length()];
        w.buffer().get(0, written);
        w = new MessageWriter(Math.min(4 * capacity, LAST)).bytes(written);
    }

    boolean isEmpty() {
        return w.length() == begun;
    }

    MessageWriter open() {
        start();
        return w;
    }

    MessageWriter end() {
        if (!ended) {
            ended = true;
            NftMessage.beginMark(w, NftMessage.NFNL_MSG_BATCH_END).end();
        }
        return w;
    }
}
