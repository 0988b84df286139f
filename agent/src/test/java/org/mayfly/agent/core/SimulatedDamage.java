package org.mayfly.agent.core;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.mayfly.agent.kernel.InMemoryKernel;

/** Somebody, or the disk, has written into the file of leases while no agent ran. */
final class SimulatedDamage {
    private static final int ANOTHER = 0xabc;

    private SimulatedDamage() {}

    static void happen(MemoryLeases store, SimulatedLedger ledger, InMemoryKernel kernel, int how) {
        List<Map.Entry<Integer, LeaseRecord>> all =
                new ArrayList<>(store.inUse().entrySet());
        if (all.isEmpty()) {
            return;
        }
        Map.Entry<Integer, LeaseRecord> one = all.get(Math.floorMod(how / 8, all.size()));
        LeaseRecord r = one.getValue();
        LeaseRecord other = all.get(Math.floorMod(how / 64, all.size())).getValue();
        ledger.mixedUp(MemoryLeases.id(r));
        ledger.mixedUp(MemoryLeases.id(other));
        ledger.mixedUp(HexFormat.of().toHexDigits(ANOTHER));
        switch (how % 8) {
            case 0 -> store.damage(store.fresh(), r);
            case 1 -> store.damage(store.fresh(), with(r, r.permit().isIpv4() ? r.id() : ANOTHER, r.client(), 0));
            case 2 -> store.damage(store.fresh(), with(r, other.id(), other.client(), 0));
            case 3 -> replace(store, ledger, kernel, one.getKey(), with(r, other.id(), other.client(), 0));
            case 4 -> replace(store, ledger, kernel, one.getKey(), with(r, r.id(), other.client(), 0));
            case 5 -> replace(store, ledger, kernel, one.getKey(), with(r, r.id(), r.client(), Long.MAX_VALUE / 2));
            case 6 -> replace(store, ledger, kernel, one.getKey(), with(r, r.id(), r.client(), Long.MIN_VALUE / 2));
            default -> {
                ledger.damaged(r, kernel);
                store.lose(one.getKey());
            }
        }
    }

    private static void replace(
            MemoryLeases store, SimulatedLedger ledger, InMemoryKernel kernel, int slot, LeaseRecord by) {
        LeaseRecord before = store.inUse().get(slot);
        if (before != null) {
            ledger.damaged(before, kernel);
            store.damage(slot, by);
        }
    }

    private static LeaseRecord with(LeaseRecord r, int id, String client, long later) {
        return new LeaseRecord(
                r.cut(),
                id,
                client,
                r.service(),
                r.permit(),
                r.key(),
                r.opened(),
                r.windowEnd() + later,
                r.sessionEnd() + later);
    }
}
