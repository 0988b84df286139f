package org.mayfly.agent.runtime;

import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.translate.Nat64Targets;
import org.mayfly.knock.Ip6Address;

/** Asks the kernel where a packet from here would go; it knows of addresses that no interface shows. On the loop. */
record OwnAddresses(KernelPort kernel) implements Nat64Targets.Own {
    @Override
    public boolean isOwn(Ip6Address ipv4) {
        try {
            return kernel.isReady(ipv4);
        } catch (KernelException e) {
            return true; // it cannot be told
        }
    }
}
