package org.mayfly.agent.kernel;

import java.util.ArrayList;
import java.util.List;
import org.mayfly.agent.core.Nat64;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.nft.Chain;
import org.mayfly.netlink.nft.Hook;
import org.mayfly.netlink.nft.Rule;
import org.mayfly.netlink.nft.Table;

/**
 * Hands connections to an address of the translation prefix to one socket, whatever their port is. All of these addresses
 * are the host's, so nothing else may pass: it would find what listens here on all addresses, a gated port among them.
 */
final class Nat64Rules {
    static final String CHAIN = "nat64";

    /** The socket is bound there, so that nobody from outside reaches it past the rules. */
    private static final Ip6Address LOOPBACK = Ip6Address.parse("::1");

    private final Chain chain;

    Nat64Rules(Table table) {
        // As Documentation/networking/tproxy.rst has it. The prefix is routed to this host, so no mark is needed.
        chain = Chain.filter(table, CHAIN, new Hook(Hook.PREROUTING, Hook.MANGLE), Chain.POLICY_ACCEPT);
    }

    Chain chain() {
        return chain;
    }

    List<Rule> rules(Nat64 nat64) {
        String inside = nat64.interfaceName();
        List<Rule> rules = new ArrayList<>();
        rules.add(to(nat64)
                .relatedIcmp(GuardRules.IPPROTO_ICMPV6)
                .accept(chain, "ICMPv6 errors that belong to a relayed connection"));
        rules.add(to(nat64)
                .from(inside)
                .protocol(GuardRules.IPPROTO_TCP)
                .toSocket(
                        chain,
                        LOOPBACK,
                        nat64.port(),
                        "TCP from inside is relayed to the IPv4 address in the last 32 bits"));
        rules.add(to(nat64).from(inside).reject(chain, "those inside are told at once that nothing else is"));
        rules.add(to(nat64).fromLoopback().reject(chain, "and so is this host, which has IPv4 itself"));
        rules.add(to(nat64).drop(chain, "the translation prefix is silent to everybody else"));
        return rules;
    }

    /** In the chain of the guard, which would close gated ports. */
    static Rule taken(Nat64 nat64, Chain guard) {
        return to(nat64)
                .from(nat64.interfaceName())
                .accept(guard, "what the chain " + CHAIN + " has let through is relayed");
    }

    private static GuardRules to(Nat64 nat64) {
        return GuardRules.ipv6().destination(nat64.prefix(), true);
    }
}
