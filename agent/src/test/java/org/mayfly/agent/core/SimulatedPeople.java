package org.mayfly.agent.core;

import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.GateKey;
import org.mayfly.knock.Secret;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/** Who may knock at the agent of a {@link Simulation}, with which key and for what. */
final class SimulatedPeople {
    static final List<String> NAMES = List.of("laptop", "phone", "server");
    private static final int KEYS = 2;

    /** Keys cost more to make than all else in a simulation. They are always the same, so that a seed says it all. */
    record Cast(ServerIdentity server, List<KnockSender> keys, KnockSender decoy) {
        static Cast make() throws GeneralSecurityException {
            Random random = new Random(1);
            ServerIdentity server = ServerIdentity.of(
                    bytes(random, ServerIdentity.ID_LENGTH), Secret.of(bytes(random, GateKey.LENGTH)));
            List<KnockSender> keys = new ArrayList<>();
            for (int i = 0; i <= NAMES.size() * KEYS; i++) {
                keys.add(ClientKeyset.ofSecret(secret(random), server).keys().get(0));
            }
            return new Cast(server, keys, keys.remove(NAMES.size() * KEYS));
        }

        private static Secret secret(Random random) {
            return Secret.of(bytes(random, Enrolment.SECRET_LENGTH));
        }

        private static byte[] bytes(Random random, int count) {
            byte[] bytes = new byte[count];
            random.nextBytes(bytes);
            return bytes;
        }
    }

    /**
     * A client that there is.
     *
     * @param key which of the name's keys
     * @param services how many of the services it may open
     */
    private record Person(int key, int services) {}

    private final Cast cast;
    private final Map<String, Person> enrolled = new TreeMap<>();

    SimulatedPeople(Cast cast) {
        this.cast = cast;
        NAMES.forEach(n -> enrolled.put(n, new Person(0, SimulatedPlan.SERVICES.size())));
    }

    List<Client> clients() {
        List<Client> clients = new ArrayList<>();
        enrolled.forEach((name, p) -> clients.add(
                World.client(name, List.of(key(name, p.key)), SimulatedPlan.SERVICES.subList(0, p.services))));
        return clients;
    }

    /** The key that the name has, or had last. */
    KnockSender key(String name) {
        Person p = enrolled.get(name);
        return key(name, p == null ? 0 : p.key);
    }

    private KnockSender key(String name, int which) {
        return cast.keys().get(NAMES.indexOf(name) * KEYS + which);
    }

    boolean isEnrolled(String name) {
        return enrolled.containsKey(name);
    }

    /** It has one of its two keys and may open one, two or all services. */
    private void enrol(String name, int key, int fewer) {
        enrolled.put(
                name, new Person(Math.floorMod(key, KEYS), SimulatedPlan.SERVICES.size() - Math.floorMod(fewer, 3)));
    }

    /** It goes, comes back, has another key, or may open more or less. */
    void change(String name, int how) {
        if (isEnrolled(name) && how % 5 == 0) {
            enrolled.remove(name);
        } else {
            enrol(name, how / 5, how / 10 % 4 == 0 ? how / 40 : 0);
        }
    }

    /**
     * Whether a lease would be given today.
     *
     * @param key the id of the key that asked for it; 0 for an administrator
     */
    boolean mayHave(String name, String service, long key) {
        @Nullable Person p = enrolled.get(name);
        boolean byHand = key == 0;
        return p != null
                && (byHand || key == key(name, p.key).id() && SimulatedPlan.SERVICES.indexOf(service) < p.services);
    }
}
