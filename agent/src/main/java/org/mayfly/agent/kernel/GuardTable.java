package org.mayfly.agent.kernel;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.KernelPort.RuleCount;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.nft.Batch;
import org.mayfly.netlink.nft.NfTables;
import org.mayfly.netlink.nft.NftSet;
import org.mayfly.netlink.nft.Rule;
import org.mayfly.netlink.nft.SetElement;
import org.mayfly.netlink.nft.Table;
import org.mayfly.netlink.nft.expr.Counter;
import org.mayfly.netlink.route.Address;

/**
 * The guard's table in the kernel, and the elements of its sets.
 *
 * <p>No batch of ours fails because of what is or is not there: an element is deleted by adding it first, and given a
 * new deadline by adding it, deleting it and adding it again. (A plain addition leaves the old deadline on kernels
 * before 6.12.)
 */
final class GuardTable implements AutoCloseable {
    /** The kernel takes an expired address down up to a second late; until then it has to stay silent. */
    static final Duration ADDRESS_LATE = Duration.ofSeconds(2);

    /** What is up for ever is somebody else's doing. */
    private static final Duration LONGEST = Duration.ofDays(1);

    /** So many permits are opened in memory that is there already, though each had a door that stands and a cut to forget. */
    private static final int BURST = 64;

    private static final int GRANT_BYTES = BURST * 1024;
    private static final int GENERATION_ATTEMPTS = 10;

    /** Elements that go into the batch that replaces the guard: 8 MB of the 16 that one may have. */
    private static final int IN_ONE_BATCH = 60_000;

    private static final int AT_ONCE = 10_000;

    private final NfTables nft;
    private final GuardRuleset ruleset;
    private final MessageWriter w = new MessageWriter(GRANT_BYTES);
    private final Deadlines<Bytes> revoked = new Deadlines<>();
    private final Deadlines<Ip6Address> doors = new Deadlines<>();

    /** The comments of the rules that were put up last, in their order. */
    private List<String> installed = List.of();

    GuardTable(NfTables nft, GuardRuleset ruleset) {
        this.nft = nft;
        this.ruleset = ruleset;
    }

    /**
     * Replaces the table by that guard. What leases have in it fits into the same transaction up to some ten thousand of
     * them; the rest follows at once, and until then a few who were let in before have to try again.
     *
     * @param up the doors that are up, whether or not a lease needs them: they have to be silent
     * @return whether all of the rest went in
     * @throws IOException if nothing has changed
     */
    boolean install(Guard guard, Standing standing, List<Address> up) throws IOException {
        Map<Ip6Address, Duration> silent = silentDoors(standing.doors(), up);
        Iterator<GuardRuleset.Element> elements =
                ruleset.elements(standing, silent).iterator();
        replace(guard, !silent.isEmpty(), GuardRuleset.next(elements, IN_ONE_BATCH));
        installed = ruleset.comments(guard, !silent.isEmpty());
        remember(standing.cut(), silent);
        try {
            while (elements.hasNext()) {
                for (Map.Entry<NftSet, List<SetElement>> e :
                        GuardRuleset.next(elements, AT_ONCE).entrySet()) {
                    nft.addElements(e.getKey(), e.getValue());
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void replace(Guard guard, boolean withDoors, Map<NftSet, List<SetElement>> elements) throws IOException {
        for (int attempt = 1; ; attempt++) {
            int generation = nft.generation();
            Optional<Table> before =
                    nft.table(ruleset.table().family(), ruleset.table().name());
            Batch batch = new Batch(generation);
            ruleset.write(batch, before.orElse(null), guard, withDoors, elements);
            try {
                nft.commit("install the guard", batch);
                return;
            } catch (NetlinkException e) {
                // Somebody changed a ruleset since we looked whether our table is there, and whose it is.
                if (e.errno() != Errno.ERESTART || attempt == GENERATION_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static Map<Ip6Address, Duration> silentDoors(Map<Ip6Address, Duration> needed, List<Address> up) {
        Map<Ip6Address, Duration> silent = new LinkedHashMap<>(needed);
        for (Address a : up) {
            Duration life = a.validSeconds() == Address.FOREVER ? LONGEST : Duration.ofSeconds(a.validSeconds());
            silent.merge(Ip6Address.of(a.address()), life, (x, y) -> x.compareTo(y) > 0 ? x : y);
        }
        silent.replaceAll((door, life) -> life.plus(ADDRESS_LATE));
        return silent;
    }

    private void remember(Map<Permit, Duration> cut, Map<Ip6Address, Duration> silent) {
        revoked.clear();
        doors.clear();
        cut.forEach((permit, left) -> revoked.put(PermitKind.revokedKey(permit), left));
        silent.forEach(doors::put);
    }

    void uninstall() throws IOException {
        nft.commit(
                "take down the guard",
                new Batch(w).add(ruleset.table()).delete(ruleset.table())); // adding it first: it may be gone
        installed = List.of();
        revoked.clear();
        doors.clear();
    }

    /** Somebody to let in; {@code address} is how long the address of the door will be up, zero if it needs none. */
    record Entry(Permit permit, Duration window, Duration address) {}

    /** Lets in, and keeps doors silent to everybody else: all of it or nothing. */
    void open(List<Entry> entries) throws IOException {
        boolean shared = entries.stream().anyMatch(e -> e.permit().isIpv4());
        try {
            open(entries, shared);
        } catch (NetlinkException e) {
            if (shared || e.errno() != Errno.EEXIST) {
                throw e;
            }
            open(entries, true);
        }
    }

    /** @param anew whether a permit may stand already */
    private void open(List<Entry> entries, boolean anew) throws IOException {
        Batch batch = entries.size() <= BURST ? new Batch(w) : new Batch();
        Map<NftSet, List<SetElement>> permits = new LinkedHashMap<>();
        for (Entry e : entries) {
            PermitKind kind = PermitKind.of(e.permit());
            Bytes cut = PermitKind.revokedKey(e.permit());
            if (revoked.maybe(cut)) {
                delete(batch, ruleset.revoked(kind), cut);
            }
            if (!e.address().isZero()) {
                putDoor(batch, e.permit().door(), e.address());
            }
            permits.computeIfAbsent(ruleset.permits(kind), set -> new ArrayList<>())
                    .add(SetElement.of(PermitKind.key(e.permit()), e.window()));
        }
        permits.forEach((set, elements) -> {
            if (anew) {
                List<SetElement> before =
                        elements.stream().map(e -> SetElement.of(e.key())).toList();
                batch.add(set, before).delete(set, before).add(set, elements);
            } else {
                batch.create(set, elements);
            }
        });
        nft.commit("open a permit", batch);
        for (Entry e : entries) {
            revoked.remove(PermitKind.revokedKey(e.permit()));
            if (!e.address().isZero()) {
                doors.put(e.permit().door(), e.address().plus(ADDRESS_LATE));
            }
        }
    }

    void close(Permit permit) throws IOException {
        Batch batch = new Batch(w);
        delete(batch, ruleset.permits(PermitKind.of(permit)), PermitKind.key(permit));
        nft.commit("close a permit", batch);
    }

    void holdDoor(Ip6Address door, Duration address) throws IOException {
        Batch batch = new Batch(w);
        putDoor(batch, door, address);
        nft.commit("hold a door", batch);
        doors.put(door, address.plus(ADDRESS_LATE));
    }

    boolean mayHaveDoor(Ip6Address door) {
        return doors.maybe(door);
    }

    /** Only once the address is down: until then it has to stay silent. */
    void removeDoor(Ip6Address door) throws IOException {
        Batch batch = new Batch(w);
        delete(batch, ruleset.doors(), Bytes.of(door.toBytes()));
        nft.commit("remove a door", batch);
        doors.remove(door);
    }

    private void putDoor(Batch batch, Ip6Address door, Duration address) {
        put(batch, ruleset.doors(), Bytes.of(door.toBytes()), address.plus(ADDRESS_LATE), doors.maybe(door));
    }

    void revoke(Permit permit, Duration remembered) throws IOException {
        Batch batch = new Batch(w);
        Bytes key = PermitKind.revokedKey(permit);
        put(batch, ruleset.revoked(PermitKind.of(permit)), key, remembered, revoked.maybe(key));
        nft.commit("cut off a client", batch);
        revoked.put(key, remembered);
    }

    Map<Permit, Duration> permits() throws IOException {
        Map<Permit, Duration> found = new LinkedHashMap<>();
        for (PermitKind kind : PermitKind.values()) {
            for (SetElement e : elements(ruleset.permits(kind))) {
                Permit p = kind.permit(e.key());
                Duration left = e.expiration(); // ours have one
                if (p != null && left != null && left.toMillis() > 0) {
                    found.put(p, left);
                }
            }
        }
        return found;
    }

    private List<SetElement> elements(NftSet set) throws IOException {
        try {
            return nft.elements(ruleset.table(), set.name());
        } catch (NetlinkException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            return List.of();
        }
    }

    /**
     * Whether the rules in the kernel are those that were put there, told by their comments; before anything was, whether
     * there are any that close ports.
     */
    boolean stands() throws IOException {
        if (installed.isEmpty()) {
            return comments(GuardRuleset.CHAIN).contains(GuardRuleset.CLOSED);
        }
        List<String> there = new ArrayList<>();
        for (String chain : GuardRuleset.CHAINS) {
            there.addAll(comments(chain));
        }
        return there.equals(installed);
    }

    private List<String> comments(String chain) throws IOException {
        return nft.rules(ruleset.table(), chain).stream()
                .map(r -> Objects.requireNonNullElse(r.comment(), ""))
                .toList();
    }

    List<RuleCount> rules() throws IOException {
        List<RuleCount> counts = new ArrayList<>();
        for (String chain : GuardRuleset.CHAINS) {
            for (Rule r : nft.rules(ruleset.table(), chain)) {
                String comment = r.comment();
                Counter counter = r.counter();
                if (comment != null && counter != null) {
                    counts.add(new RuleCount(comment, counter.packets(), counter.bytes()));
                }
            }
        }
        return counts;
    }

    private static void put(Batch batch, NftSet set, Bytes key, Duration life, boolean maybeThere) {
        if (maybeThere) {
            delete(batch, set, key);
        }
        batch.add(set, List.of(SetElement.of(key, life)));
    }

    private static void delete(Batch batch, NftSet set, Bytes key) {
        List<SetElement> one = List.of(SetElement.of(key));
        batch.add(set, one).delete(set, one);
    }

    /** Whether nobody else can change the table. */
    boolean isOwned() {
        return (ruleset.table().flags() & Table.OWNER) != 0;
    }

    /** Of the socket that changes the table. */
    int portId() throws IOException {
        return nft.portId();
    }

    @Override
    public void close() {
        nft.close();
    }
}
