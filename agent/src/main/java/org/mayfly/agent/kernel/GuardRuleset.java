package org.mayfly.agent.kernel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.nft.Batch;
import org.mayfly.netlink.nft.Chain;
import org.mayfly.netlink.nft.DataType;
import org.mayfly.netlink.nft.Hook;
import org.mayfly.netlink.nft.KeyType;
import org.mayfly.netlink.nft.NftFamily;
import org.mayfly.netlink.nft.NftSet;
import org.mayfly.netlink.nft.Rule;
import org.mayfly.netlink.nft.SetElement;
import org.mayfly.netlink.nft.SetKey;
import org.mayfly.netlink.nft.Table;

/**
 * A {@link Guard} as nf_tables has it: one table, one chain, plain hash sets.
 *
 * <p>A guard, not a firewall. Its {@code accept} ends its own chain alone, so that every other chain is still asked; it
 * drops what is for a door or a gated port and was not let in, and leaves everything else alone.
 */
final class GuardRuleset {
    static final String CHAIN = "guard";
    static final String CUT_OFF = "cut-off";
    static final String KNOCKS = "knocks";
    static final List<String> CHAINS = List.of(KNOCKS, CUT_OFF, Nat64Rules.CHAIN, CHAIN);

    /** The comment of the rule that no guard is without. */
    static final String CLOSED = "gated ports are closed on IPv6";

    static final String DOORS = "doors";
    static final String GATED = "gated";
    static final String GATED4 = "gated4";

    /** Before the chains at the usual priority 0 ({@code NF_IP6_PRI_FILTER}), after connection tracking. */
    private static final int PRIORITY = -10;

    private static final int ND_NEIGHBOR_SOLICIT = 135;
    private static final int ND_NEIGHBOR_ADVERT = 136;

    private static final KeyType PORT = KeyType.of(DataType.INET_PROTO, DataType.INET_SERVICE);

    private final Table table;
    private final Chain chain;
    private final Chain cutOff;
    private final Chain knocks;
    private final Nat64Rules nat64;
    private final Map<PermitKind, NftSet> permits = new EnumMap<>(PermitKind.class);
    private final Map<PermitKind, NftSet> revoked = new EnumMap<>(PermitKind.class);
    private final NftSet doors;

    /**
     * @param flags {@link Table#OWNER} and {@link Table#PERSIST}, where the kernel knows them
     */
    GuardRuleset(String name, int flags) {
        table = new Table(NftFamily.INET, name)
                .withComment("Mayfly: ports that are closed until somebody knocks")
                .withFlags(flags);
        // Before the destination may be changed: what is forwarded from a door to somewhere else is dropped as well.
        cutOff = Chain.filter(table, CUT_OFF, new Hook(Hook.PREROUTING, Hook.MANGLE), Chain.POLICY_ACCEPT);
        knocks = Chain.filter(table, KNOCKS, new Hook(Hook.PREROUTING, Hook.RAW), Chain.POLICY_ACCEPT);
        nat64 = new Nat64Rules(table);
        chain = Chain.filter(table, CHAIN, new Hook(Hook.INPUT, PRIORITY), Chain.POLICY_ACCEPT);
        for (PermitKind k : PermitKind.values()) {
            permits.put(k, NftSet.of(table, k.permitSet, k.permits(), NftSet.TIMEOUT, k.permitComment));
            revoked.put(k, NftSet.of(table, k.revokedSet, k.revoked(), NftSet.TIMEOUT, k.revokedComment));
        }
        doors = NftSet.of(
                table, DOORS, KeyType.of(DataType.IPV6_ADDR), NftSet.TIMEOUT, "addresses that are up as doors");
    }

    Table table() {
        return table;
    }

    NftSet permits(PermitKind kind) {
        return Objects.requireNonNull(permits.get(kind));
    }

    NftSet revoked(PermitKind kind) {
        return Objects.requireNonNull(revoked.get(kind));
    }

    NftSet doors() {
        return doors;
    }

    /**
     * Replaces the table, whatever is in it, by this guard.
     *
     * @param before the table that is there; null if none is
     * @param withDoors whether addresses are up as doors
     * @param elements what the sets hold at first
     */
    void write(
            Batch batch,
            @Nullable Table before,
            Guard guard,
            boolean withDoors,
            Map<NftSet, List<SetElement>> elements) {
        if (before != null) {
            // Added as it is, which takes it over if its owner has gone. Nothing that is in it is trusted.
            batch.add(table.withFlags(before.flags())).delete(table);
        }
        batch.add(table);
        for (PermitKind kind : PermitKind.values()) {
            batch.add(permits(kind)).add(revoked(kind));
        }
        boolean doorSet = hasDoorSet(guard, withDoors);
        if (doorSet) {
            batch.add(doors);
        }
        elements.forEach(batch::add);
        addGated(batch, guard);
        batch.add(knocks).add(cutOff);
        if (guard.nat64() != null) {
            batch.add(nat64.chain());
        }
        batch.add(chain);
        rules(guard, doorSet).forEach(batch::add);
    }

    /** One of a set. */
    record Element(NftSet set, SetElement value) {}

    /**
     * What the sets begin with. Permits come last: where they are too many for one batch, it is they who wait.
     *
     * @param silent the doors that are up
     */
    Stream<Element> elements(Standing standing, Map<Ip6Address, Duration> silent) {
        Stream<Element> cut = standing.cut().entrySet().stream()
                .filter(e -> e.getValue().toMillis() > 0)
                .map(e -> new Element(
                        revoked(PermitKind.of(e.getKey())),
                        SetElement.of(PermitKind.revokedKey(e.getKey()), e.getValue())));
        Stream<Element> up = silent.entrySet().stream()
                .map(e -> new Element(doors, SetElement.of(Bytes.of(e.getKey().toBytes()), e.getValue())));
        Stream<Element> in = StreamSupport.stream(standing.permits().spliterator(), false)
                .map(e -> new Element(
                        permits(PermitKind.of(e.getKey())), SetElement.of(PermitKind.key(e.getKey()), e.getValue())));
        return Stream.concat(cut, Stream.concat(up, in));
    }

    /** Some more of them, by their sets. */
    static Map<NftSet, List<SetElement>> next(Iterator<Element> elements, int most) {
        Map<NftSet, List<SetElement>> next = new LinkedHashMap<>();
        for (int i = 0; i < most && elements.hasNext(); i++) {
            Element e = elements.next();
            next.computeIfAbsent(e.set(), set -> new ArrayList<>()).add(e.value());
        }
        return next;
    }

    private void addGated(Batch batch, Guard guard) {
        NftSet gated = NftSet.of(table, GATED, PORT, 0, "closed on IPv6: protocol . port");
        NftSet gated4 = NftSet.of(table, GATED4, PORT, 0, "closed on IPv4: protocol . port");
        batch.add(gated).add(gated, ports(guard.gated()));
        batch.add(gated4)
                .add(
                        gated4,
                        ports(guard.gated().stream()
                                .filter(g -> g.ipv4() != Ipv4Access.OPEN)
                                .toList()));
    }

    private static List<SetElement> ports(List<GatedPort> gated) {
        return gated.stream()
                .map(g -> new SetKey().protocol(g.protocol().number()).port(g.port()))
                .map(SetKey::toBytes)
                .distinct()
                .map(SetElement::of)
                .toList();
    }

    /** What the rules of that guard say, chain by chain, in their order. */
    List<String> comments(Guard guard, boolean withDoors) {
        return rules(guard, hasDoorSet(guard, withDoors))
                .map(r -> Objects.requireNonNullElse(r.comment(), ""))
                .toList();
    }

    private static boolean hasDoorSet(Guard guard, boolean withDoors) {
        return withDoors || guard.doors().stream().anyMatch(p -> p.mode() == DoorMode.ADDRESS);
    }

    /** Chain by chain. */
    private Stream<Rule> rules(Guard guard, boolean doorSet) {
        List<Rule> translated = guard.nat64() == null ? List.of() : nat64.rules(guard.nat64());
        return Stream.of(knockRules(guard), cutOffRules(), translated, guardRules(guard, doorSet))
                .flatMap(List::stream);
    }

    private List<Rule> guardRules(Guard guard, boolean withDoors) {
        List<Rule> rules = new ArrayList<>();
        rules.add(GuardRules.rule().fromLoopback().accept(chain, "this host to itself"));
        rules.add(GuardRules.rule()
                .established()
                .accept(chain, "sessions go on when their permit has ended; answers come in"));
        rules.add(GuardRules.ipv6()
                .relatedIcmp(GuardRules.IPPROTO_ICMPV6)
                .accept(chain, "ICMPv6 errors that belong to a session"));
        rules.add(GuardRules.ipv4()
                .relatedIcmp(GuardRules.IPPROTO_ICMP)
                .accept(chain, "ICMP errors that belong to a session"));
        addPermits(rules);
        rules.add(GuardRules.ipv6()
                .icmpv6Type(ND_NEIGHBOR_SOLICIT)
                .accept(chain, "neighbours may ask for a door they know"));
        rules.add(GuardRules.ipv6().icmpv6Type(ND_NEIGHBOR_ADVERT).accept(chain, "and answer when a door asks"));
        if (withDoors) {
            rules.add(GuardRules.ipv6().destination().in(DOORS).drop(chain, "a door is silent to everybody else"));
        }
        for (DoorPrefix p : guard.doors()) {
            if (p.mode() == DoorMode.ANYIP) {
                rules.add(GuardRules.ipv6()
                        .destination(p.space().prefix(), true)
                        .destination(reserved(p.space()), false)
                        .drop(chain, "the door prefix is silent to everybody else"));
            }
        }
        if (guard.nat64() != null) {
            rules.add(Nat64Rules.taken(guard.nat64(), chain));
        }
        rules.add(GuardRules.ipv6().protocolAndPort().in(GATED).drop(chain, CLOSED));
        rules.add(GuardRules.ipv4().protocolAndPort().in(GATED4).drop(chain, "gated ports are closed on IPv4"));
        return rules;
    }

    /**
     * Nothing is ever sent from there, so there is no connection to be known; and the table of connections is as large as it
     * is for everybody.
     */
    private List<Rule> knockRules(Guard guard) {
        return guard.knocks().stream()
                .map(p -> GuardRules.knock(p)
                        .untracked(knocks, "knocks on " + p + " leave nothing in connection tracking"))
                .toList();
    }

    /** Before what is established, or a session that was cut would go on. */
    private List<Rule> cutOffRules() {
        List<Rule> rules = new ArrayList<>();
        rules.add(GuardRules.rule().fromLoopback().accept(cutOff, "this host to itself"));
        rules.add(GuardRules.ipv6()
                .source()
                .destination()
                .in(PermitKind.EXACT.revokedSet)
                .drop(cutOff, "a client that was cut off"));
        rules.add(GuardRules.ipv6()
                .source64()
                .destination()
                .in(PermitKind.NET64.revokedSet)
                .drop(cutOff, "a client's /64 that was cut off"));
        rules.add(
                GuardRules.ipv6().destination().in(PermitKind.ANY.revokedSet).drop(cutOff, "a door that was cut off"));
        rules.add(GuardRules.ipv4()
                .source4()
                .protocolAndPort()
                .in(PermitKind.IPV4.revokedSet)
                .drop(cutOff, "an IPv4 client that was cut off"));
        return rules;
    }

    private void addPermits(List<Rule> rules) {
        rules.add(GuardRules.ipv6()
                .source()
                .destination()
                .protocolAndPort()
                .in(PermitKind.EXACT.permitSet)
                .accept(chain, "a client that knocked, through its door"));
        rules.add(GuardRules.ipv6()
                .source64()
                .destination()
                .protocolAndPort()
                .in(PermitKind.NET64.permitSet)
                .accept(chain, "anybody in the /64 of a client that knocked, through its door"));
        rules.add(GuardRules.ipv6()
                .destination()
                .protocolAndPort()
                .in(PermitKind.ANY.permitSet)
                .accept(chain, "anybody, through a door that is open to all"));
        rules.add(GuardRules.ipv4()
                .source4()
                .protocolAndPort()
                .in(PermitKind.IPV4.permitSet)
                .accept(chain, "an IPv4 client that knocked"));
    }

    /** The reserved range is given relative to the prefix. */
    private static Ip6Prefix reserved(DoorSpace space) {
        Ip6Address prefix = space.prefix().address();
        Ip6Address range = space.reserved().address();
        return new Ip6Prefix(
                new Ip6Address(prefix.high() | range.high(), prefix.low() | range.low()),
                space.reserved().length());
    }
}
