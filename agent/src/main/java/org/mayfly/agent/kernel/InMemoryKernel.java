package org.mayfly.agent.kernel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/**
 * A kernel for simulations: the same deadlines by a clock that the test owns, sessions that the test makes, and faults
 * that it asks for. It is held against the real one by running the same calls on both.
 */
public final class InMemoryKernel implements KernelPort {
    private static final long SECOND = 1_000_000_000L;

    private final Clock clock;
    private final Map<Permit, Long> permits = new LinkedHashMap<>();
    private final Map<Ip6Address, Long> addresses = new LinkedHashMap<>();
    private final Map<Permit, Integer> sessions = new LinkedHashMap<>();
    private final Set<Ip6Prefix> prefixes = new LinkedHashSet<>();

    /** Addresses that are up, of which the event is not yet told. */
    private final Set<Ip6Address> coming = new LinkedHashSet<>();

    /** Whose packets are dropped; see {@link #revokedKey}. */
    private final Map<Permit, Long> revoked = new HashMap<>();

    /** The cuts that were done and not taken back by a later {@link #open}: what ought to be in {@link #revoked}. */
    private final Map<Permit, Long> owed = new HashMap<>();

    private final List<Ip6Address> own = new ArrayList<>();
    /** What stands; somebody may have taken it away. */
    private @Nullable Guard guard;

    /** What the agent installed last. */
    private @Nullable Guard installed;

    private final List<Permit> announced = new ArrayList<>();
    private final Map<Permit, Runnable> closing = new HashMap<>();
    private Predicate<String> fault = call -> false;

    public InMemoryKernel(Clock clock) {
        this.clock = clock;
    }

    /**
     * From now on a call fails if its name ({@code open}, {@code hold}, …) is one of those. It is asked once for each call,
     * before anything happens, and may let time pass. Three stand for a call that does a part only: {@code rest} for the
     * later permits of an {@link #install}, {@code doors} for the addresses of an {@link #align}, {@code destroy} for the
     * sockets of a {@link #cut}.
     */
    public void failOn(Predicate<String> calls) {
        fault = calls;
    }

    /** Gives the host an address of its own. */
    public void ownAddress(Ip6Address address) {
        own.add(address);
    }

    /**
     * A client connects, as the permit would be asked.
     *
     * @return whether it was let through
     */
    public boolean connect(Permit permit) {
        expire();
        boolean there = permits.containsKey(permit) && !isRevoked(permit) && hasAddress(permit);
        if (there) {
            sessions.merge(permit, 1, Integer::sum);
        }
        return there;
    }

    /** The permits of which others were told, in order. */
    public List<Permit> announced() {
        return List.copyOf(announced);
    }

    /** Something else happens just before the permit is closed. */
    public void whenClosing(Permit permit, Runnable deed) {
        closing.put(permit, deed);
    }

    /** The sessions of a permit end by themselves. */
    public void disconnect(Permit permit) {
        sessions.remove(permit);
    }

    /** The doors that are up, and for how much longer. Asks for no fault. */
    public Map<Ip6Address, Duration> doors() {
        return left(addresses);
    }

    /** The permits that stand, and for how much longer. Asks for no fault. */
    public Map<Permit, Duration> standing() {
        return left(permits);
    }

    /** The permits through which sessions are up. Asks for no fault. */
    public Set<Permit> inSession() {
        return Collections.unmodifiableSet(sessions.keySet());
    }

    /** Whether packets of a session through the permit get there. Asks for no fault. */
    public boolean isReachable(Permit permit) {
        return !isRevoked(permit) && hasAddress(permit);
    }

    /** Whether the packets of those whom the permit let in are dropped. Asks for no fault. */
    public boolean isRevoked(Permit permit) {
        expire();
        return revoked.containsKey(revokedKey(permit));
    }

    /**
     * Those who were cut off and not let in anew, by {@link #revokedKey}, and until when their packets were to be dropped,
     * whatever others did to the table meanwhile. The test may take out what it knows to be lost.
     */
    public Map<Permit, Long> owed() {
        return owed;
    }

    /** The prefixes that are local as a whole. Asks for no fault. */
    public Set<Ip6Prefix> routes() {
        return Collections.unmodifiableSet(prefixes);
    }

    /** A door belongs to one lease, so that on IPv6 the port does not count. */
    public static Permit revokedKey(Permit p) {
        return p.isIpv4() ? p : new Permit(p.source(), p.sourceLength(), p.door(), Protocol.TCP, 0);
    }

    private <K> Map<K, Duration> left(Map<K, Long> ends) {
        expire();
        Map<K, Duration> left = new LinkedHashMap<>();
        ends.forEach((key, end) -> left.put(key, Duration.ofNanos(end - clock.monotonicNanos())));
        return left;
    }

    public @Nullable Guard guard() {
        return guard;
    }

    @Override
    public boolean install(Guard next, Standing standing) throws KernelException {
        Map<Permit, Long> lives = new LinkedHashMap<>();
        standing.permits().forEach(e -> lives.put(e.getKey(), lasting(e.getValue())));
        check("install"); // which may take long, and the kernel counts from the end of it
        boolean complete = !fault.test("rest");
        long now = clock.monotonicNanos();
        Map<Permit, Long> cut = new HashMap<>();
        standing.cut().forEach((permit, left) -> cut.put(revokedKey(permit), now + lasting(left)));
        installed = next;
        guard = next;
        prefixes.addAll(next.routed());
        permits.clear();
        lives.forEach((permit, life) -> permits.put(permit, now + life));
        if (!complete) {
            permits.keySet().removeIf(p -> (p.source().low() + p.door().low() + p.port()) % 2 == 0); // some
        }
        revoked.clear();
        revoked.putAll(cut);
        return complete;
    }

    /** The kernel counts in milliseconds, and takes 0 for ever. */
    private static long lasting(Duration life) {
        if (life.toMillis() <= 0) {
            throw new IllegalArgumentException("an element cannot live for " + life);
        }
        return life.toNanos();
    }

    @Override
    public void align(Map<Ip6Address, Duration> doors) throws KernelException {
        check("align");
        List<Ip6Prefix> routed = installed().routed();
        prefixes.retainAll(routed);
        prefixes.addAll(routed);
        check("doors");
        addresses.keySet().retainAll(doors.keySet());
        doors.forEach((door, life) -> put(door, end(life)));
    }

    private void put(Ip6Address door, long end) {
        if (addresses.put(door, end) == null) {
            coming.add(door);
        }
    }

    private long end(Duration life) {
        return clock.monotonicNanos() + seconds(life);
    }

    /** The doors that take packets, of which the agent is to be told. Asks for no fault. */
    public Set<Ip6Address> takeReady() {
        expire();
        coming.retainAll(addresses.keySet());
        Set<Ip6Address> ready = new LinkedHashSet<>(coming);
        coming.clear();
        return ready;
    }

    @Override
    public boolean stands() {
        return guard != null;
    }

    @Override
    public boolean isOwned() {
        return false;
    }

    @Override
    public void uninstall() throws KernelException {
        check("uninstall");
        guard = null;
        installed = null;
        permits.clear();
        addresses.clear();
        prefixes.clear();
        revoked.clear();
        owed.clear();
    }

    @Override
    public List<Opened> open(List<Opening> openings) throws KernelException {
        List<Opened> results = new ArrayList<>();
        KernelException failure = null;
        for (Opening o : openings) {
            try {
                results.add(Opened.of(opens(o.permit(), o.window())));
            } catch (KernelException e) {
                failure = e;
                results.add(Opened.failed(e));
            }
        }
        if (failure != null && results.stream().allMatch(r -> r.failure() != null)) {
            throw failure;
        }
        return results;
    }

    private boolean opens(Permit permit, Duration window) throws KernelException {
        check("open");
        table();
        permits.put(permit, clock.monotonicNanos() + lasting(window));
        revoked.remove(revokedKey(permit));
        owed.remove(revokedKey(permit));
        boolean up = hasAddress(permit);
        if (needsAddress(permit.door())) {
            put(permit.door(), end(window.plus(ADDRESS_GRACE)));
        }
        return up;
    }

    @Override
    public boolean isReady(Ip6Address door) throws KernelException {
        check("isReady");
        return isUp(door);
    }

    @Override
    public void announce(Permit permit) throws KernelException {
        check("announce");
        announced.add(permit);
    }

    @Override
    public void hold(Ip6Address door, Duration life) throws KernelException {
        check("hold");
        check("hold " + door);
        table();
        if (installed().needsAddress(door)) {
            put(door, end(life));
        }
    }

    @Override
    public void close(Permit permit) throws KernelException {
        check("close");
        Runnable first = closing.remove(permit);
        if (first != null) {
            first.run();
        }
        permits.remove(permit);
    }

    @Override
    public void remove(Ip6Address door) throws KernelException {
        check("remove");
        addresses.remove(door);
    }

    @Override
    public int cut(Permit permit, Duration remembered) throws KernelException {
        check("cut");
        table();
        long end = clock.monotonicNanos() + lasting(remembered);
        revoked.put(revokedKey(permit), end);
        check("destroy");
        Integer had = sessions.remove(permit);
        owed.put(revokedKey(permit), end);
        return had == null ? 0 : had;
    }

    @Override
    public Map<Permit, Integer> sessions(Collection<Permit> asked) throws KernelException {
        check("sessions");
        Map<Permit, Integer> found = new HashMap<>(sessions);
        found.keySet().retainAll(Set.copyOf(asked));
        return found;
    }

    @Override
    public int cutOthers(Function<Ip6Address, List<Permit>> known) throws KernelException {
        check("cutOthers");
        int before = sessions.size();
        sessions.keySet()
                .removeIf(p -> !known.apply(p.door()).contains(p)
                        && isGated(p)
                        && installed().of(p.door()) != null);
        return before - sessions.size();
    }

    @Override
    public int cutWithin(Ip6Prefix prefix) throws KernelException {
        check("cutWithin");
        int before = sessions.size();
        sessions.keySet().removeIf(p -> p.protocol() == Protocol.TCP && prefix.contains(p.door()));
        return before - sessions.size();
    }

    private boolean isGated(Permit p) {
        return installed().gated().stream().anyMatch(g -> g.protocol() == p.protocol() && g.port() == p.port());
    }

    @Override
    public Map<Permit, Duration> permits() throws KernelException {
        check("permits");
        return standing();
    }

    @Override
    public List<Ip6Address> addresses() throws KernelException {
        check("addresses");
        return List.copyOf(addresses.keySet());
    }

    @Override
    public String carrier(Ip6Address door) throws KernelException {
        check("carrier");
        return ""; // there are no interfaces
    }

    @Override
    public List<Ip6Prefix> prefixes() throws KernelException {
        check("prefixes");
        return List.copyOf(prefixes);
    }

    @Override
    public List<Ip6Address> ownAddresses() throws KernelException {
        check("ownAddresses");
        return List.copyOf(own);
    }

    @Override
    public List<RuleCount> rules() throws KernelException {
        check("rules");
        return List.of();
    }

    @Override
    public void close() {
        // what is in the kernel stays
    }

    private void table() throws KernelException {
        if (guard == null) {
            throw new KernelException("there is no table");
        }
    }

    private void check(String call) throws KernelException {
        boolean fails = fault.test(call);
        expire();
        if (fails) {
            throw new KernelException(call + ": the test asked for this fault");
        }
    }

    private void expire() {
        long now = clock.monotonicNanos();
        permits.values().removeIf(end -> end <= now);
        addresses.values().removeIf(end -> end <= now);
        revoked.values().removeIf(end -> end <= now);
        owed.values().removeIf(end -> end <= now);
    }

    private boolean hasAddress(Permit permit) {
        return permit.isIpv4() || isUp(permit.door());
    }

    private boolean isUp(Ip6Address door) {
        return needsAddress(door)
                ? addresses.containsKey(door)
                : prefixes.stream().anyMatch(p -> p.contains(door));
    }

    private boolean needsAddress(Ip6Address door) {
        return installed().needsAddress(door);
    }

    private Guard installed() {
        if (installed == null) {
            throw new IllegalStateException("no guard was installed");
        }
        return installed;
    }

    /** Somebody deletes the table: nothing is closed any more, and nobody is let in by us. */
    public void flush() {
        guard = null;
        permits.clear();
        revoked.clear();
    }

    /** Somebody takes all addresses away, or the interface went down. */
    public void flushAddresses() {
        addresses.clear();
    }

    /** Somebody takes the routes of door prefixes away. */
    public void flushRoutes() {
        prefixes.clear();
    }

    /** Addresses live whole seconds. */
    private static long seconds(Duration d) {
        return (d.toNanos() + SECOND - 1) / SECOND * SECOND;
    }
}
