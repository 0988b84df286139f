package org.mayfly.agent.admin;

import com.google.gson.JsonElement;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.logging.Level;
import java.util.logging.Logger;
import jnr.unixsocket.UnixSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * One connection: read a line, have it handled, write the answer, and again, until it is one that is answered without an
 * end. Every step up to there has until {@link #deadline}. All of it runs on the server's thread.
 */
final class AdminConnection {
    /** How long a request may be, its line end not counted. */
    static final int LONGEST_REQUEST = 64 * 1024;

    private static final Logger LOG = Logger.getLogger(AdminConnection.class.getName());

    /** Something that a connection does; false when it is over. */
    interface Step {
        boolean run() throws IOException;
    }

    /** The server it belongs to. */
    interface House {
        /** Takes a step to the server's thread. */
        void later(AdminConnection connection, Step step);

        /** Whether one more may be told of what happens. */
        boolean mayStream(Peer peer);
    }

    private enum State {
        READING,
        HANDLING,
        WRITING,
        /** All that happened has been told. */
        WATCHING
    }

    private static final long FOR_EVER = Long.MAX_VALUE / 2;

    private final UnixSocketChannel channel;
    private final SelectionKey key;
    private final Peer peer;
    private final AdminHandler handler;
    private final long patience;
    private final House house;
    private final ByteBuffer chunk = ByteBuffer.allocate(4096);
    private ByteArrayOutputStream line = new ByteArrayOutputStream();
    private ByteBuffer answer = ByteBuffer.allocate(0);
    private State state = State.READING;
    private @Nullable AdminStream stream;
    private boolean tooLong;
    private boolean last;
    private long served;
    private long deadline;

    AdminConnection(
            UnixSocketChannel channel, SelectionKey key, Peer peer, AdminHandler handler, long patience, House house) {
        this.channel = channel;
        this.key = key;
        this.peer = peer;
        this.handler = handler;
        this.patience = patience;
        this.house = house;
        chunk.flip();
        expect(State.READING, SelectionKey.OP_READ);
    }

    SelectionKey key() {
        return key;
    }

    /** When {@link #late} is due, by {@link System#nanoTime}. */
    long deadline() {
        return deadline;
    }

    private void expect(State next, int operations) {
        state = next;
        deadline = System.nanoTime() + (stream == null ? patience : FOR_EVER);
        key.interestOps(operations);
    }

    /** Whether it tells of what happens. */
    boolean streaming() {
        return stream != null;
    }

    /** The socket is ready for what was awaited. */
    boolean ready() throws IOException {
        if (state == State.HANDLING || state == State.WATCHING) {
            // Nothing is awaited from the socket, so poll(2) can only have reported that the peer hung up.
            return false;
        }
        if (state == State.READING) {
            chunk.clear();
            last = channel.read(chunk) < 0;
            chunk.flip();
            if (last && line.size() == 0) {
                return false;
            }
        }
        return advance();
    }

    /** Goes on until something has to be waited for. A loop, for one chunk may hold many lines. */
    private boolean advance() throws IOException {
        while (true) {
            if (state == State.READING && takeLine()) {
                asked();
            } else if (state == State.WRITING && writeAnswer()) {
                if (last) {
                    return false;
                }
                written();
            } else {
                return true;
            }
        }
    }

    private void written() {
        if (stream == null) {
            expect(State.READING, SelectionKey.OP_READ);
        } else {
            tell(stream);
        }
    }

    /** Takes bytes up to the end of a line; what follows it stays in the chunk until this request is answered. */
    private boolean takeLine() {
        while (chunk.hasRemaining()) {
            byte b = chunk.get();
            if (b == '\n' || line.size() == LONGEST_REQUEST) {
                tooLong = b != '\n';
                return true;
            }
            line.write(b);
        }
        return last;
    }

    private boolean writeAnswer() throws IOException {
        channel.write(answer);
        return !answer.hasRemaining();
    }

    private void asked() {
        if (tooLong) {
            refuseAndClose(ExitStatus.USAGE, "the request is longer than " + LONGEST_REQUEST + " bytes");
            return;
        }
        String text = line.toString(StandardCharsets.UTF_8);
        line = new ByteArrayOutputStream();
        try {
            AdminRequest request = AdminRequest.parse(text);
            if (request.command().writing() && !peer.writes()) {
                throw new AdminException(
                        ExitStatus.NOT_PERMITTED, request.command() + " is for root alone; try again with sudo");
            }
            if (request.command().streaming()) {
                follow(request);
            } else {
                expect(State.HANDLING, 0);
                hand(request);
            }
        } catch (AdminException e) {
            answer(AdminAnswer.refusal(e));
        }
    }

    private void follow(AdminRequest request) {
        if (!house.mayStream(peer)) {
            throw new AdminException(
                    ExitStatus.FAILED, "the agent is monitored by as many as may; end one of them, and try again");
        }
        AdminStream begun = new AdminStream(() -> house.later(this, this::happened));
        handler.follow(request, peer, begun);
        stream = begun;
        expect(State.WATCHING, 0);
    }

    private boolean happened() throws IOException {
        if (stream != null && state == State.WATCHING) {
            tell(stream);
        }
        return advance();
    }

    /** Takes some of what has happened, to be written; while nothing has, the socket is watched for its end alone. */
    private void tell(AdminStream events) {
        String lines = events.lines();
        if (lines.isEmpty()) {
            expect(State.WATCHING, 0);
        } else {
            answer(lines);
        }
    }

    private void hand(AdminRequest request) {
        CompletionStage<JsonElement> stage;
        try {
            stage = handler.handle(request, peer);
        } catch (AdminException e) {
            throw e;
        } catch (RuntimeException e) {
            stage = CompletableFuture.failedFuture(e);
        }
        long number = served;
        stage.whenComplete((result, failure) -> house.later(this, () -> handled(number, request, result, failure)));
    }

    private boolean handled(
            long number, AdminRequest request, @Nullable JsonElement result, @Nullable Throwable failure)
            throws IOException {
        if (number != served) {
            return true; // Too late: that it took too long has been said.
        }
        Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
        if (cause instanceof AdminException refused) {
            answer(AdminAnswer.refusal(refused));
        } else if (result != null) {
            answer(AdminAnswer.ok(result));
        } else {
            LOG.log(Level.SEVERE, "the admin command " + request.command() + " failed", cause);
            answer(AdminAnswer.refusal(
                    new AdminException(ExitStatus.FAILED, "the agent had a fault; its log says more")));
        }
        return advance();
    }

    private void refuseAndClose(int status, String message) {
        last = true;
        answer(AdminAnswer.refusal(new AdminException(status, message)));
    }

    private void answer(String text) {
        answer = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
        served++;
        expect(State.WRITING, SelectionKey.OP_WRITE);
    }

    /** There are too many connections. */
    boolean turnAway() throws IOException {
        refuseAndClose(ExitStatus.FAILED, "the agent has too many admin connections; try again in a moment");
        return advance();
    }

    /** The server ends: who watches is told so, if all before it has gone out. */
    boolean farewell() throws IOException {
        if (stream != null && happened() && state == State.WATCHING) {
            refuseAndClose(ExitStatus.FAILED, "the agent stops; monitor again once it runs");
            return advance();
        }
        return false;
    }

    /** The deadline has passed. */
    boolean late() throws IOException {
        boolean idle = state == State.READING && served > 0 && line.size() == 0;
        if (idle || state == State.WRITING) {
            return false;
        }
        if (state == State.READING) {
            refuseAndClose(ExitStatus.USAGE, "the request did not come in time");
        } else {
            refuseAndClose(ExitStatus.FAILED, "the agent is too busy to answer in time; see its log, and try again");
        }
        return advance();
    }

    void close() throws IOException {
        if (stream != null) {
            stream.close();
        }
        key.cancel();
        channel.close();
    }
}
