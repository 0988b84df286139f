package org.mayfly.knock.client;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Durations;
import org.mayfly.knock.Ip6Address;

/** Knocks by every way there is, and connects to all doors that may have opened, until one answers. */
public final class DoorWait implements Closeable {
    private final Knocker knocker;
    private final Selector selector;
    private final Doors doors;
    private final Deliveries deliveries;
    private @Nullable Knock last;

    private DoorWait(Knocker knocker, Selector selector, Duration knockAgain) throws Failure {
        this.knocker = knocker;
        this.selector = selector;
        this.doors = new Doors(knocker.service().port(), selector);
        this.deliveries = new Deliveries(knocker, selector, this::sent, knockAgain);
    }

    /** How it ended. */
    public sealed interface Outcome {
        /** The last knock, or the one whose door it is. */
        Knock knock();

        Duration waited();

        /** By which ways there was knocked, in their order. */
        List<Trial> trials();
    }

    /**
     * A door answered.
     *
     * @param channel connected and blocking; the caller closes it
     */
    public record Reached(Knock knock, Ip6Address door, SocketChannel channel, Duration waited, List<Trial> trials)
            implements Outcome {}

    /**
     * None did.
     *
     * @param report one line: what was seen and what to check
     */
    public record Unanswered(Knock knock, String report, Duration waited, List<Trial> trials) implements Outcome {}

    /**
     * Knocks and waits.
     *
     * @param limit how long in all
     * @param knockAgain when to begin for the second time; after that two seconds pass, four, eight, and so on
     * @throws Failure if no knock can be sent, or the source cannot be connected from
     */
    public static Outcome await(Knocker knocker, Duration limit, Duration knockAgain) throws Failure {
        if (!Profile.isTcp(knocker.service())) {
            throw Failure.usage(
                    "the service " + knocker.service() + " cannot be waited for: only a TCP service answers");
        }
        if (!knocker.canConnect()) {
            throw Failure.usage("the source is not an address of this machine, so nothing can connect from it here:"
                    + " knock without --wait");
        }
        try (Selector selector = Selector.open();
                DoorWait wait = new DoorWait(knocker, selector, knockAgain)) {
            return wait.run(limit);
        } catch (IOException e) {
            throw Failure.failed("cannot wait for the door: " + Failure.reason(e));
        }
    }

    private void sent(Knock knock) {
        last = knock;
        doors.watch(knock);
    }

    private Outcome run(Duration limit) throws IOException, Failure {
        long start = System.nanoTime();
        long end = start + limit.toNanos();
        for (long now = start; now - end < 0; now = System.nanoTime()) {
            deliveries.proceed(now);
            doors.proceed(now);
            Doors.Attempt won = poll(Math.min(end - now, Math.min(deliveries.due(now), doors.due(now))));
            if (won != null) {
                Duration waited = Duration.ofNanos(System.nanoTime() - start);
                return new Reached(won.knock(), won.door(), won.channel(), waited, deliveries.trials());
            }
        }
        Knock k = last;
        if (k == null) {
            throw deliveries.nothingSent(" within " + Durations.format(limit));
        }
        Duration waited = Duration.ofNanos(System.nanoTime() - start);
        return new Unanswered(k, report(k, limit), waited, deliveries.trials());
    }

    private Doors.@Nullable Attempt poll(long nanos) throws IOException {
        selector.select(Math.max(1, (nanos + 999_999) / 1_000_000));
        for (SelectionKey key : selector.selectedKeys()) {
            if (key.attachment() instanceof Delivery d) {
                deliveries.proceed(d);
            } else if (key.attachment() instanceof Doors.Attempt a && doors.finished(a)) {
                key.cancel();
                selector.selectNow(); // a channel becomes blocking again only when no selector has it
                a.channel().configureBlocking(true);
                return a;
            }
        }
        selector.selectedKeys().clear();
        return null;
    }

    private String report(Knock knock, Duration limit) {
        int knocks = deliveries.knocks();
        Ip6Address where = doors.where();
        Sight most = doors.most();
        return "no door of \"" + knocker.profile().name() + "\" opened within " + Durations.format(limit) + " and "
                + knocks + (knocks == 1 ? " knock: " : " knocks: ") + (where == null ? knock.door() : where) + " port "
                + knocker.service().port() + ": " + most + "; tried " + deliveries.tried() + "; " + advice(most);
    }

    private String advice(Sight most) {
        List<Trial> trials = deliveries.trials();
        if (trials.stream().noneMatch(Trial::isSent)) {
            return "is mayflyd running there?";
        }
        return switch (most) {
            case REFUSED -> "check that the service itself runs there and listens on that port";
            case UNREACHABLE -> "check the way there (ping, traceroute), and that mayflyd runs";
            case NO_ANSWER ->
                "check that mayflyd runs, that " + (trials.size() == 1 ? "this" : "one of these")
                        + " gets through to it, and both machines' clocks";
        };
    }

    @Override
    public void close() throws IOException {
        deliveries.close();
        doors.close();
    }
}
