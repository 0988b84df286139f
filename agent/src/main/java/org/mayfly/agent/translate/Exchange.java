package org.mayfly.agent.translate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A question on its way to the resolvers. The first one is asked; while nobody answers, the next one after a while, and so
 * around; whoever was asked is listened to until the end. Only the event loop touches it.
 */
final class Exchange {
    /** How long one resolver is waited for alone. */
    static final long RETRY_MILLIS = 800;

    /** What a client waits for before it asks again, less a bit (resolv.conf(5): timeout). */
    static final long PATIENCE_MILLIS = 4500;

    private final Upstreams upstreams;
    private final Upstreams.Way way;
    private final byte[] query;
    private final DnsQuestion question;
    private final Consumer<byte @Nullable []> then;
    private final List<Channel> channels = new ArrayList<>();
    private final int first;
    private @Nullable Future<?> end;
    private @Nullable Future<?> next;
    private int asked;
    private int alive;
    private boolean over;

    /** What is handed on if nothing better comes. */
    private byte @Nullable [] fallback;

    /** @param fallback an answer that will do */
    Exchange(
            Upstreams upstreams,
            Upstreams.Way way,
            byte[] query,
            DnsQuestion question,
            byte @Nullable [] fallback,
            Consumer<byte @Nullable []> then) {
        this.upstreams = upstreams;
        this.way = way;
        this.query = query;
        this.question = question;
        this.fallback = fallback;
        this.then = then;
        this.first = upstreams.first();
    }

    void start() {
        end = upstreams.loop().schedule(() -> end(fallback), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        askNext();
    }

    private void askNext() {
        cancel(next);
        next = upstreams.loop().schedule(this::askNext, RETRY_MILLIS, TimeUnit.MILLISECONDS);
        int which = (first + asked) % upstreams.size();
        int id = upstreams.randomId();
        asked++;
        alive++;
        AnswerReader reader = new AnswerReader(answer -> answered(answer, id, which), this::failed);
        upstreams.connect(which, way, reader, opened -> opened(opened, reader, id));
    }

    private void opened(ChannelFuture opened, AnswerReader reader, int id) {
        if (!opened.isSuccess()) {
            reader.over(); // nobody else says so of one that was never open
            return;
        }
        Channel channel = opened.channel();
        channels.add(channel);
        if (over) {
            channel.close();
            return;
        }
        ByteBuf sent = Unpooled.wrappedBuffer(DnsHeader.withId(query, id));
        channel.writeAndFlush(sent).addListener(f -> {
            if (!f.isSuccess()) {
                channel.close();
            }
        });
    }

    /** One of those that were asked will not answer any more. */
    private void failed() {
        alive--;
        if (!over) {
            if (asked < upstreams.size()) {
                askNext();
            } else if (alive == 0) {
                end(fallback);
            }
        }
    }

    /** @return whether it was the answer, so that no more is expected */
    private boolean answered(byte[] answer, int id, int which) {
        if (over) {
            return true;
        }
        if (!isAnswer(answer, id)) {
            upstreams.tally().mismatched.increment();
            return false;
        }
        if (isRefusal(answer)) {
            fallback = fallback == null ? answer : fallback;
            return true;
        }
        upstreams.answered(which);
        end(answer);
        return true;
    }

    /** Who cannot see what was asked cannot forge that (RFC 5452, 9.1); the port and the address the kernel has checked. */
    private boolean isAnswer(byte[] answer, int id) {
        if (answer.length < DnsHeader.BYTES
                || DnsHeader.id(answer) != id
                || (DnsHeader.flags(answer) & (DnsHeader.QR | DnsHeader.OPCODE)) != DnsHeader.QR) {
            return false;
        }
        if (DnsHeader.questions(answer) == 0) {
            return DnsHeader.rcode(answer) != DnsResponseCode.NOERROR.intValue(); // it did not understand a word
        }
        try {
            return DnsMessage.question(answer).equals(question);
        } catch (MalformedDnsException e) {
            return false;
        }
    }

    /** Another resolver may do better. */
    private static boolean isRefusal(byte[] answer) {
        int code = DnsHeader.rcode(answer);
        return code == DnsResponseCode.SERVFAIL.intValue() || code == DnsResponseCode.REFUSED.intValue();
    }

    private void end(byte @Nullable [] answer) {
        if (over) {
            return;
        }
        over = true;
        cancel(end);
        cancel(next);
        channels.forEach(Channel::close);
        if (answer == null) {
            upstreams.tally().unanswered.increment();
        }
        then.accept(answer);
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
