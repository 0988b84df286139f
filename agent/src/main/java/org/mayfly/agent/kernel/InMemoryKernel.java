package org.mayfly.agent.kernel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.Ip6Address;

/**
 * A kernel for simulations: the same deadlines by a clock that the test owns, sessions that the test makes, and faults
 * that it asks for. It is held against the real one by running the same calls on both.
 */
public final class InMemoryKernel implements KernelPort {
    private static final long SECOND = 1_000_000_000L;

    private final Clock clock;
    private final Map<Permit, Long> permits = new LinkedHashMap<>();
    private final Map<Ip6Address, Long> addresses = new LinkedHashMap<>();
    private final Map<Permit, Integer> sessions = new HashMap<>();
    private final Set<Permit> revoked = new HashSet<>();
    private final List<Ip6Address> own = new ArrayList<>();
    /** What stands; somebody may have taken it away. */
    private @Nullable Guard guard;

    /** What the agent installed last. */
    private @Nullable Guard installed;

    private Predicate<String> fault = call -> false;

    public InMemoryKernel(Clock clock) {
        this.clock = clock;
    }

    /** From now on a call fails if its name ({@code open}, {@code hold}, …) is one of those. */
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
        boolean there = permits.containsKey(permit) && !revoked.contains(permit) && hasAddress(permit);
        if (there) {
            sessions.merge(permit, 1, Integer::sum);
        }
        return there;
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
        return Set.copyOf(sessions.keySet());
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
    public void install(Guard next, Standing standing) throws KernelException {
        check("install");
        installed = next;
        stand(next, standing);
    }

    @Override
    public void restore(Standing standing) throws KernelException {
        check("restore");
        stand(installed(), standing);
    }

    private void stand(Guard next, Standing standing) {
        guard = next;
        long now = clock.monotonicNanos();
        permits.clear();
        standing.permits().forEach((permit, left) -> permits.put(permit, now + left.toNanos()));
        revoked.clear();
        revoked.addAll(standing.cut().keySet());
        addresses.keySet().retainAll(standing.doors().keySet());
        if (next.mode() == DoorMode.ADDRESS) {
            standing.doors().forEach((door, life) -> addresses.merge(door, now + seconds(life), Math::max));
        }
    }

    @Override
    public boolean stands() {
        return guard != null;
    }

    @Override
    public void uninstall() throws KernelException {
        check("uninstall");
        guard = null;
        installed = null;
        permits.clear();
        addresses.clear();
        revoked.clear();
    }

    @Override
    public void open(Permit permit, Duration window) throws KernelException {
        check("open");
        table();
        long now = clock.monotonicNanos();
        permits.put(permit, now + window.toNanos());
        revoked.remove(permit);
        if (needsAddress(permit)) {
            addresses.put(permit.door(), now + seconds(window.plus(ADDRESS_GRACE)));
        }
    }

    @Override
    public void hold(Ip6Address door, Duration life) throws KernelException {
        check("hold");
        table();
        if (installed().mode() == DoorMode.ADDRESS) {
            addresses.put(door, clock.monotonicNanos() + seconds(life));
        }
    }

    @Override
    public void close(Permit permit) throws KernelException {
        check("close");
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
        Integer had = sessions.remove(permit);
        revoked.add(permit);
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
        expire();
        if (fault.test(call)) {
            throw new KernelException(call + ": the test asked for this fault");
        }
    }

    private void expire() {
        long now = clock.monotonicNanos();
        permits.values().removeIf(end -> end <= now);
        addresses.values().removeIf(end -> end <= now);
    }

    private boolean hasAddress(Permit permit) {
        return !needsAddress(permit) || addresses.containsKey(permit.door());
    }

    private boolean needsAddress(Permit permit) {
        return !permit.isIpv4() && installed().mode() == DoorMode.ADDRESS;
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

    /** Addresses live whole seconds. */
    private static long seconds(Duration d) {
        return (d.toNanos() + SECOND - 1) / SECOND * SECOND;
    }
}
