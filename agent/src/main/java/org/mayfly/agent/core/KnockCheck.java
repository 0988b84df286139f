package org.mayfly.agent.core;

import org.jspecify.annotations.Nullable;
import org.mayfly.knock.GateKey;
import org.mayfly.knock.KnockKey;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Packet;

/**
 * From bytes to a request that is genuine, of now, here for the first time, and of a client that does not knock too often.
 * The checks stand in order of their cost; up to there a refusal neither throws nor allocates.
 */
final class KnockCheck {
    private static final int NONCES = 1 << 13;

    /** For the slot of a key that there is not. */
    private static final int NOBODY = -1;

    private final GateKey gate;
    private final Marks marks;
    private final Clock clock;
    private final KnockKey decoy;
    private final RecentNonces recent;
    private final Floods floods;
    private KeyTable keys = new KeyTable();
    private long readyAt;
    private boolean ready;
    private long window;
    private KeyTable.@Nullable Entry entry;
    private @Nullable KnockRequest request;

    /**
     * @param decoy a key of nobody: an unknown id is checked against it, so that it takes as long as a known one
     * @param windowNanos how far a time stamp may be from the clock, either way
     */
    KnockCheck(GateKey gate, Marks marks, Clock clock, KnockKey decoy, long windowNanos, long seed) {
        this.gate = gate;
        this.marks = marks;
        this.clock = clock;
        this.decoy = decoy;
        this.window = windowNanos;
        this.recent = new RecentNonces(NONCES, seed);
        this.floods = new Floods(seed);
        this.ready = marks.trusted();
        this.readyAt = clock.monotonicNanos() + windowNanos;
    }

    /** Other keys, and perhaps other marks: those from before were lost if these are not trusted. */
    void keys(KeyTable table, long windowNanos) {
        keys = table;
        window = windowNanos;
        if (ready && !marks.trusted()) {
            ready = false;
            readyAt = clock.monotonicNanos() + windowNanos;
        }
    }

    /**
     * How much longer everything is refused because replay marks were lost; 0 when knocks are taken, and while nobody knows
     * because marks cannot be kept at all.
     *
     * <p>A packet made before they were lost carries a stamp of at most one window after that moment. So after one
     * window the clock itself is a floor that keeps every such packet out, for good.
     */
    long waitNanos() {
        if (ready || !marks.kept()) {
            return 0;
        }
        if (marks.trusted()) { // others than at the start
            ready = true;
            return 0;
        }
        long left = readyAt - clock.monotonicNanos();
        if (left > 0) {
            return left;
        }
        marks.floor(
                clock.wallNanos() + left); // the wall clock at the end of the wait, not of this first packet after it
        ready = true;
        return 0;
    }

    /**
     * Looks at one packet.
     *
     * @param sourceHigh first half of the address it came from; IPv4 in mapped form
     * @return {@link Verdict#ACCEPTED} for one that is genuine and new, see {@link #client} and {@link #request}; policy
     *     comes next
     */
    Verdict check(byte[] p, int offset, int length, long sourceHigh, long sourceLow) {
        if (length != Packet.LENGTH) {
            return Verdict.LENGTH;
        }
        if (!gate.matches(p, offset)) {
            return Verdict.GATE;
        }
        if (recent.contains(p, offset + Packet.NONCE_OFFSET)) {
            return Verdict.NONCE;
        }
        entry = keys.find(gate.keyId(p, offset));
        long now = clock.monotonicNanos();
        int slot = entry == null ? NOBODY : entry.slot();
        if (floods.isFlooding(sourceHigh, sourceLow, slot, now)) {
            return Verdict.FLOOD;
        }
        Verdict verdict = proved(p, offset, now);
        if (verdict != Verdict.ACCEPTED && verdict != Verdict.NOT_READY) {
            floods.refused(sourceHigh, sourceLow, slot, now);
        }
        return verdict;
    }

    private Verdict proved(byte[] p, int offset, long now) {
        KnockKey key = entry == null ? decoy : entry.key();
        boolean proved = key.proves(p, offset);
        if (entry == null) {
            return Verdict.KEY;
        }
        if (!proved) {
            return Verdict.PROOF;
        }
        recent.add(p, offset + Packet.NONCE_OFFSET);
        Verdict fresh = isFresh(key.head(p, offset), entry.slot());
        if (fresh != Verdict.ACCEPTED) {
            return fresh;
        }
        return entry.client().mayKnock(now) ? open(key, p, offset) : Verdict.RATE;
    }

    /** Whether the stamp is of now, and later than any before; from then on it is not any more. */
    private Verdict isFresh(byte[] head, int slot) {
        if (KnockRequest.version(head) != KnockRequest.VERSION) {
            return Verdict.VERSION;
        }
        if (!KnockRequest.beginsWell(head)) {
            return Verdict.REQUEST;
        }
        if (!marks.kept() || waitNanos() > 0) {
            return Verdict.NOT_READY;
        }
        long stamp = KnockRequest.timeNanos(head);
        long now = clock.wallNanos();
        if (stamp < now - window || stamp > now + window) {
            return Verdict.WINDOW;
        }
        if (stamp <= marks.stamp(slot)) {
            return Verdict.STAMP;
        }
        marks.raise(slot, stamp);
        return marks.kept() ? Verdict.ACCEPTED : Verdict.NOT_READY;
    }

    private Verdict open(KnockKey key, byte[] p, int offset) {
        byte[] plain = key.open(p, offset);
        if (plain == null) {
            return Verdict.PROOF;
        }
        request = KnockRequest.parse(plain);
        return request == null ? Verdict.REQUEST : Verdict.ACCEPTED;
    }

    /** Whose key proved the last packet; nobody's where its verdict is not beyond {@link Verdict#PROOF}. */
    ClientState client() {
        return entry().client();
    }

    KnockKey key() {
        return entry().key();
    }

    KnockRequest request() {
        if (request == null) {
            throw new IllegalStateException("nothing was accepted");
        }
        return request;
    }

    private KeyTable.Entry entry() {
        if (entry == null) {
            throw new IllegalStateException("nothing was accepted");
        }
        return entry;
    }
}
