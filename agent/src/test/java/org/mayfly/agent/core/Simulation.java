package org.mayfly.agent.core;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.kernel.InMemoryKernel;
import org.mayfly.knock.crypto.KnockSender;

/**
 * An agent on the kernel in memory, to which one event after another happens; after each, what must always hold is
 * looked at. The same events give the same result.
 */
final class Simulation implements AgentListener {
    private static final int TICKS = 60;

    final FakeClock clock = new FakeClock();
    final InMemoryKernel kernel = new InMemoryKernel(clock);
    final MemoryLeases store = new MemoryLeases();
    final SimulatedMischief mischief = new SimulatedMischief(clock, kernel, store);
    final SimulatedLedger ledger = new SimulatedLedger();
    final SimulatedPeople people;
    private final SimulatedKnocks knocks = new SimulatedKnocks(clock);
    private final MemoryMarks marks = new MemoryMarks(true);
    private final SimulatedPeople.Cast cast;
    private final Map<String, Integer> seen;
    private final Random random = new Random(1);
    private SimulatedPlan plan = SimulatedPlan.FIRST;
    private Settings settings = plan.settings();

    /** Who asks for a lease in this event, and for how long. */
    private long asking;

    private Duration asked = Duration.ZERO;

    /** Null while there is none. */
    @Nullable
    Agent agent;

    /**
     * @param seen what has happened is counted there
     */
    Simulation(SimulatedPeople.Cast cast, Map<String, Integer> seen) {
        this.cast = cast;
        this.people = new SimulatedPeople(cast);
        this.seen = seen;
        start();
    }

    Settings settings() {
        return settings;
    }

    private void start() {
        ledger.starts(store, kernel);
        try {
            Agent next =
                    new Agent(settings, kernel, cast.server().gate(), marks, store, clock, cast.decoy(), random, this);
            next.clients(people.clients());
            count("adopted", next.adopt());
            count("orphans", next.orphans().size());
            next.apply(settings);
            next.leases().forEach(ledger::goesOn);
            ledger.unread(store, next);
            agent = next;
            mischief.started();
        } catch (KernelException e) {
            count("no start", 1); // and is started again
        }
    }

    private void count(String what, int times) {
        seen.merge(what, times, Integer::sum);
    }

    /** @throws AssertionError if a promise is broken */
    void happen(SimulatedEvent e) {
        mischief.goOn();
        long before = clock.monotonicNanos();
        if (agent == null) {
            clock.pass(Duration.ofSeconds(1));
            start();
        }
        if (agent != null) {
            act(agent, e);
        }
        if (agent != null) {
            tellReady(agent, e.b(4));
            settle(agent, before);
        }
        Promises.check(this);
    }

    /** The kernel tells now, later or never. */
    private void tellReady(Agent a, int how) {
        if (how != 0) {
            kernel.takeReady().stream().filter(door -> how != 1).forEach(a::ready);
        }
    }

    private void settle(Agent a, long before) {
        for (int i = 0; i < 5; i++) {
            tick(a);
            if (a.nextDue() > clock.monotonicNanos()) {
                return;
            }
        }
        Promises.holds(mischief.hasStalledSince(before), "something is due and is not done", a.nextDue());
    }

    private void tick(Agent a) {
        Guard guard = a.guard();
        a.tick();
        if (!guard.equals(a.guard())) {
            mischief.changed(); // a prefix that nobody needs goes
        }
    }

    private void act(Agent a, SimulatedEvent e) {
        switch (e.what()) {
            case KNOCK -> knock(a, e);
            case REPLAY -> knocks.replay(a, e);
            case PASS -> pass(a, Duration.ofMillis(1L << Math.min(e.a(20), e.b(20))), e.b(2) == 0);
            case EDGE -> edge(a, e);
            case CONNECT -> connect(e);
            case DISCONNECT -> disconnect(e);
            case PERMIT -> permit(a, e);
            case REVOKE -> lease(a, e.a()).forEach(l -> revoke(a, l));
            case CLIENT -> client(a, e);
            case FAULT -> mischief.fault(e);
            case DISK -> mischief.disk(e);
            case KILL -> kill(e);
            case RELOAD -> reload(a, plan.changed(e.b()));
            case RENUMBER -> renumber(a, e);
            case DISTURB -> mischief.disturb(a, e);
            case OVERRUN -> mischief.overrun(a);
            case CLOCK -> knocks.setClock(e);
        }
    }

    private void knock(Agent a, SimulatedEvent e) {
        KnockSender key = people.key(SimulatedPeople.NAMES.get(e.a(SimulatedPeople.NAMES.size())));
        long seconds = SimulatedKnocks.seconds(e);
        Duration most = SimulatedPlan.LEASE;
        asking = key.id();
        asked = seconds == 0 || seconds > most.toSeconds() ? most : Duration.ofSeconds(seconds);
        count(knocks.knock(a, key, e).toString(), 1);
    }

    /**
     * @param inTime whether the agent does meanwhile what is due, when it is due
     */
    private void pass(Agent a, Duration time, boolean inTime) {
        long end = clock.monotonicNanos() + time.toNanos();
        for (int i = 0; inTime && i < TICKS && a.nextDue() <= end; i++) {
            passUntil(a.nextDue());
            tick(a);
        }
        passUntil(end);
    }

    private void passUntil(long when) {
        clock.pass(Duration.ofNanos(Math.max(0, when - clock.monotonicNanos())));
    }

    private void edge(Agent a, SimulatedEvent e) {
        if (e.b(8) == 0) {
            kernel.owed().values().stream().min(Long::compare).ifPresent(end -> passUntil(end - 500_000));
            return;
        }
        for (Lease l : lease(a, e.a())) {
            long when = e.b(8) == 1 ? l.sessionEnd() + 3 * Lease.EDGE : l.windowEnd() + e.edge();
            pass(a, Duration.ofNanos(Math.max(0, when - clock.monotonicNanos())), e.b(3) != 0);
            l.permits().forEach(kernel::connect);
        }
    }

    private void connect(SimulatedEvent e) {
        for (Permit p : ledger.recent().stream()
                .skip(e.a(SimulatedLedger.RECENT))
                .limit(1)
                .toList()) {
            if (e.b(8) == 0) {
                kernel.whenClosing(p, () -> kernel.connect(p)); // somebody is quicker
            } else if (kernel.connect(p)) {
                count("connected", 1);
            }
        }
    }

    private void disconnect(SimulatedEvent e) {
        kernel.inSession().stream().skip(e.a(4)).findFirst().ifPresent(kernel::disconnect);
    }

    /** None where there is none. */
    private static List<Lease> lease(Agent a, int number) {
        int many = a.leases().size();
        return many == 0
                ? List.of()
                : a.leases().stream().skip(Math.floorMod(number, many)).limit(1).toList();
    }

    private void permit(Agent a, SimulatedEvent e) {
        asking = 0;
        asked = Duration.ofSeconds(1 + e.a(100));
        try {
            a.permit(
                    SimulatedPeople.NAMES.get(e.a(SimulatedPeople.NAMES.size())),
                    SimulatedPlan.SERVICES.get(e.b(SimulatedPlan.SERVICES.size())),
                    e.b(2) == 0 ? null : SimulatedKnocks.SOURCES.get(e.b(SimulatedKnocks.SOURCES.size())),
                    asked);
        } catch (RefusedException | KernelException expected) {
            // somebody reads why
        }
    }

    private void revoke(Agent a, Lease lease) {
        try {
            a.revoke(lease);
        } catch (KernelException expected) {
            ledger.revoking(lease); // it is tried again
        }
    }

    private void client(Agent a, SimulatedEvent e) {
        String name = SimulatedPeople.NAMES.get(e.a(SimulatedPeople.NAMES.size()));
        List<Lease> leases = a.leasesOf(name);
        people.change(name, e.b());
        a.clients(people.clients());
        if (!people.isEnrolled(name)) {
            leases.forEach(l -> revoke(a, l));
        }
    }

    private void kill(SimulatedEvent e) {
        agent = null;
        clock.pass(Duration.ofMillis(1L << Math.min(e.a(18), e.b(18))));
        int what = e.b(12);
        int how = e.b() / 12;
        if (what < 3) {
            people.change(SimulatedPeople.NAMES.get(what), how);
        } else if (what < 5) {
            plan = plan.changed(how);
        } else if (what < 7) {
            plan = plan.renumbered(how, how / 4 % 2 == 0);
        } else if (what < 9) {
            SimulatedDamage.happen(store, ledger, kernel, how);
        }
        settings = plan.settings();
        start();
    }

    private boolean reload(Agent a, SimulatedPlan next) {
        try {
            a.apply(next.settings());
            plan = next;
            settings = a.settings();
            return true;
        } catch (KernelException expected) {
            return false; // all stays as it was
        }
    }

    private void renumber(Agent a, SimulatedEvent e) {
        long before = clock.monotonicNanos();
        DoorPrefix from = settings.guard().current();
        boolean done = reload(a, plan.renumbered(e.a(), e.b(3) == 0));
        boolean moved = !Objects.equals(from, settings.guard().current());
        if (done && moved && mischief.kernelObeys() && clock.monotonicNanos() == before) {
            Promises.followed(a, before);
        }
    }

    @Override
    public void opened(Lease lease) {
        ledger.opened(lease, asking, clock.monotonicNanos() + asked.toNanos());
    }

    @Override
    public void changed(Lease lease) {
        ledger.remember(lease);
        count(lease.permits().size() > 1 ? "two doors" : lease.state().toString(), 1);
    }

    @Override
    public void ended(Lease lease, Lease.End why) {
        count(why.toString(), 1);
        ledger.ended(lease);
    }

    @Override
    public void refused(Verdict verdict, String client) {}

    @Override
    public void warning(String message) {}
}
