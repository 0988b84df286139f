package org.mayfly.agent.kernel;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/**
 * The real kernel, for all that is about one permit or one door; what is about all of them, the guard, the routes, the
 * sessions of strangers, the sockets, is another agent's, and left alone.
 */
final class Rehearsal implements KernelPort {
    private final NetlinkKernel kernel;

    Rehearsal(NetlinkKernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public boolean install(Guard guard, Standing standing) {
        return true;
    }

    @Override
    public void align(Map<Ip6Address, Duration> doors) {
        // the doors of the other agent are not among these
    }

    @Override
    public void uninstall() {
        // what stands is the other agent's
    }

    @Override
    public int cutOthers(Function<Ip6Address, List<Permit>> known) {
        return 0;
    }

    @Override
    public int cutWithin(Ip6Prefix prefix) {
        return 0;
    }

    @Override
    public void close() {
        // the other agent goes on with the sockets
    }

    @Override
    public boolean stands() {
        return kernel.stands();
    }

    @Override
    public boolean isOwned() {
        return kernel.isOwned();
    }

    @Override
    public List<Opened> open(List<Opening> permits) throws KernelException {
        return kernel.open(permits);
    }

    @Override
    public boolean isReady(Ip6Address door) throws KernelException {
        return kernel.isReady(door);
    }

    @Override
    public void announce(Permit permit) throws KernelException {
        kernel.announce(permit);
    }

    @Override
    public void hold(Ip6Address door, Duration life) throws KernelException {
        kernel.hold(door, life);
    }

    @Override
    public void close(Permit permit) throws KernelException {
        kernel.close(permit);
    }

    @Override
    public void remove(Ip6Address door) throws KernelException {
        kernel.remove(door);
    }

    @Override
    public int cut(Permit permit, Duration remembered) throws KernelException {
        return kernel.cut(permit, remembered);
    }

    @Override
    public Map<Permit, Integer> sessions(Collection<Permit> permits) throws KernelException {
        return kernel.sessions(permits);
    }

    @Override
    public Map<Permit, Duration> permits() throws KernelException {
        return kernel.permits();
    }

    @Override
    public List<Ip6Address> addresses() throws KernelException {
        return kernel.addresses();
    }

    @Override
    public String carrier(Ip6Address door) throws KernelException {
        return kernel.carrier(door);
    }

    @Override
    public List<Ip6Prefix> prefixes() throws KernelException {
        return kernel.prefixes();
    }

    @Override
    public List<Ip6Address> ownAddresses() throws KernelException {
        return kernel.ownAddresses();
    }

    @Override
    public List<RuleCount> rules() throws KernelException {
        return kernel.rules();
    }
}
