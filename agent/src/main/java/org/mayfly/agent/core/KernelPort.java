package org.mayfly.agent.core;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/**
 * The kernel, in the agent's words. Everything that lives in it for a lease carries its own deadline there, so that a
 * killed agent leaves nothing open.
 *
 * <p>Called by one thread. A call has happened when it returns; one that throws has changed nothing.
 */
public interface KernelPort extends AutoCloseable {
    /** How much longer than its permit window an address stays, so that there is time to see whether to hold it. */
    Duration ADDRESS_GRACE = Duration.ofSeconds(2);

    /**
     * Puts up the guard, or replaces the one that stands, in one transaction: at no moment is a gated port open that
     * was closed before and stays closed after. What is in the table of leases afterwards is what is said here, whatever
     * was there before; sessions go on. {@link #align} sees to addresses and routes.
     *
     * @return false if the guard stands, but some of the permits are missing: it is to be called again
     * @throws KernelException if there is no right to do this, for one; what stood before stands
     */
    boolean install(Guard guard, Standing standing) throws KernelException;

    /**
     * Sees to the routes and the addresses of the guard that was installed last: puts up what is missing of them, and takes
     * down what is ours and not needed.
     *
     * @param doors the doors that are addresses, each with the time it has left
     * @throws KernelException if something is still missing, for want of the interface perhaps
     */
    void align(Map<Ip6Address, Duration> doors) throws KernelException;

    /** Whether the guard is in the kernel: this process's, or one of a process before it. */
    boolean stands();

    /** Whether nobody else can change the table. */
    boolean isOwned();

    /** Takes down the table, the route and every address that is ours. */
    void uninstall() throws KernelException;

    /**
     * Lets new connections through, each for its window, and puts the address of each door up for that time and
     * {@link #ADDRESS_GRACE}, where the mode needs one. For a permit that exists, its time starts anew; for one that was
     * {@link #cut}, that is forgotten. However many there are, the table changes once.
     *
     * @param permits each on a door of its own, or the only one
     * @return what became of each, in the same order
     * @throws KernelException if none of them was opened
     */
    List<Opened> open(List<Opening> permits) throws KernelException;

    /**
     * The same for one.
     *
     * @param window a millisecond or more; addresses round it up to seconds
     * @return whether the door takes packets by now; if not, an event tells when it does
     */
    default boolean open(Permit permit, Duration window) throws KernelException {
        return open(List.of(new Opening(permit, window))).get(0).ready();
    }

    /**
     * Somebody who is to be let in.
     *
     * @param window how long new connections are; a millisecond or more, and addresses round it up to seconds
     */
    record Opening(Permit permit, Duration window) {}

    /**
     * What became of it.
     *
     * @param ready whether the door takes packets by now; if not, an event tells when it does
     * @param failure why nobody is let in; null if it is open
     */
    record Opened(boolean ready, @Nullable KernelException failure) {
        public static final Opened READY = new Opened(true, null);
        public static final Opened COMING = new Opened(false, null);

        public static Opened of(boolean ready) {
            return ready ? READY : COMING;
        }

        public static Opened failed(KernelException why) {
            return new Opened(false, why);
        }
    }

    /** Whether packets to the door arrive here. */
    boolean isReady(Ip6Address door) throws KernelException;

    /**
     * Tells those on the link through whom the permit's source will come where its door is, before they ask. Nothing where
     * doors are no addresses.
     *
     * @throws KernelException if it could not be told: the first packet through the door waits until they have asked
     */
    void announce(Permit permit) throws KernelException;

    /** Keeps the address of a door up for {@code life} from now, because a session is on it. Opens nothing. */
    void hold(Ip6Address door, Duration life) throws KernelException;

    /** Ends the permit: no new connections. What is gone already is no error. Sessions and the address stay. */
    void close(Permit permit) throws KernelException;

    /** Takes the door's address down. What is gone already is no error. */
    void remove(Ip6Address door) throws KernelException;

    /**
     * Ends the sessions that came through the permit: the client sees a reset, and what it still sends is dropped for
     * {@code remembered}. Does not end the permit.
     *
     * @return how many sockets were destroyed
     * @throws KernelException if some were not; what their clients send may be dropped all the same
     */
    int cut(Permit permit, Duration remembered) throws KernelException;

    /**
     * How many sessions are up through each of these permits: sockets of its protocol, on its door and port, that are
     * connected to its source. Costs one look at the machine's sockets however many permits there are.
     *
     * @return the permits that have any
     */
    Map<Permit, Integer> sessions(Collection<Permit> permits) throws KernelException;

    /**
     * Ends the sessions on doors, at gated ports, that came through no known permit. The client sees a reset.
     *
     * @param known the permits of a door, among others perhaps
     * @return how many sockets were destroyed
     */
    int cutOthers(Function<Ip6Address, List<Permit>> known) throws KernelException;

    /**
     * Ends the TCP sessions on addresses of a prefix that is not ours any more. The client sees a reset.
     *
     * @return how many sockets were destroyed
     */
    int cutWithin(Ip6Prefix prefix) throws KernelException;

    /** The permits that are in the kernel and the time each has left. For start-up, tests and {@code rules}. */
    Map<Permit, Duration> permits() throws KernelException;

    /** The addresses in the kernel that are ours, whoever put them up. */
    List<Ip6Address> addresses() throws KernelException;

    /** The name of the interface that a door of ours is on; empty for none. */
    String carrier(Ip6Address door) throws KernelException;

    /** The prefixes in the kernel that are ours as a whole, whoever made them so. */
    List<Ip6Prefix> prefixes() throws KernelException;

    /** The addresses the host has for itself, which no door may take. */
    List<Ip6Address> ownAddresses() throws KernelException;

    /** What each rule of the guard says and how often it applied, in the order of the rules. */
    List<RuleCount> rules() throws KernelException;

    /** Gives back sockets. What is in the kernel stays. */
    @Override
    void close();

    /**
     * One rule of the guard.
     *
     * @param comment what the rule is for, as it stands in the kernel
     */
    record RuleCount(String comment, long packets, long bytes) {}
}
