package org.mayfly.agent.kernel;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Disturbance;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.nft.NftEvent;
import org.mayfly.netlink.route.RouteEvent;

/** What the kernel tells of what others do to what is ours. One thread reads it. */
public final class KernelWatch implements AutoCloseable {
    /** Hears of it, on the thread that reads. */
    public interface Listener {
        /** Something of ours is not as it was. */
        void disturbed(Disturbance what);

        /** Packets to that door arrive from now on. */
        void ready(Ip6Address door);

        /** The machine's interfaces, addresses or routes are others than before. */
        void machineChanged();
    }

    /** A descriptor that an event loop watches, or a thread of its own waits for. */
    public interface Source {
        int fd();

        /** Waits for something to read, milliseconds at most; whether there is. */
        boolean poll(int milliseconds) throws IOException;

        /** Reads what there is, without waiting. */
        void read() throws IOException;
    }

    private final Events<RouteEvent> routes;
    /** Null where nobody else can change our table: then none of our own changes is told to us either. */
    private final @Nullable Events<NftEvent> rules;

    private final Ours ours;
    private final Neighbours neighbours;
    private final Listener listener;
    private final int portId;

    /** Whether what has been told of the batch that is under way concerns our table. */
    private boolean touched;

    /** Tells what is ours. */
    interface Ours {
        boolean isTable(NftEvent event);

        /** What it does to us; null for nothing. */
        @Nullable
        Disturbance by(RouteEvent event);

        /** Whether it may be about what doors are chosen by: an interface, an address or a route that is not ours. */
        boolean isOfTheMachine(RouteEvent event);

        /** The door that takes packets now; null for none. */
        @Nullable
        Ip6Address readyBy(RouteEvent event);
    }

    /**
     * @param portId of the socket through which we change the table ourselves
     */
    KernelWatch(
            Events<RouteEvent> routes,
            @Nullable Events<NftEvent> rules,
            int portId,
            Ours ours,
            Neighbours neighbours,
            Listener listener) {
        this.routes = routes;
        this.rules = rules;
        this.portId = portId;
        this.ours = ours;
        this.neighbours = neighbours;
        this.listener = listener;
    }

    /** What is to be read. */
    public List<Source> sources() {
        return rules == null
                ? List.of(new Watched<>(routes, onRoutes))
                : List.of(new Watched<>(routes, onRoutes), new Watched<>(rules, new TableEvents(rules)));
    }

    private record Watched<E>(Events<E> events, Events.Handler<E> handler) implements Source {
        @Override
        public int fd() {
            return events.fd();
        }

        @Override
        public boolean poll(int milliseconds) throws IOException {
            return events.poll(milliseconds);
        }

        @Override
        public void read() throws IOException {
            events.read(handler);
        }
    }

    private final Events.Handler<RouteEvent> onRoutes = new Events.Handler<RouteEvent>() {
        @Override
        public void event(RouteEvent event) {
            neighbours.heard(event);
            Disturbance what = ours.by(event);
            if (what != null) {
                listener.disturbed(what);
            }
            Ip6Address door = ours.readyBy(event);
            if (door != null) {
                listener.ready(door);
            }
            if (ours.isOfTheMachine(event)) {
                listener.machineChanged();
            }
        }

        @Override
        public void overrun() {
            neighbours.forget();
            listener.disturbed(Disturbance.OVERRUN);
            listener.machineChanged();
        }
    };

    private final class TableEvents implements Events.Handler<NftEvent> {
        private final Events<NftEvent> events;

        TableEvents(Events<NftEvent> events) {
            this.events = events;
        }

        @Override
        public void event(NftEvent event) {
            if (event instanceof NftEvent.Generation) {
                if (touched && events.portId() != portId) {
                    listener.disturbed(Disturbance.TABLE);
                }
                touched = false;
            } else {
                touched |= ours.isTable(event);
            }
        }

        @Override
        public void overrun() {
            touched = false;
            listener.disturbed(Disturbance.OVERRUN);
        }
    }

    @Override
    public void close() {
        routes.close();
        if (rules != null) {
            rules.close();
        }
    }
}
