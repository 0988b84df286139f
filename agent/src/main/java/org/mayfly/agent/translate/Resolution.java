package org.mayfly.agent.translate;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;

/** The way of one query to its answer. */
final class Resolution {
    private final Forwarder forwarder;
    private final byte[] query;
    private final DnsMessage message;
    private final int most;
    private final boolean stream;
    private final Consumer<byte[]> reply;

    /** @param most bytes of an answer */
    Resolution(
            Forwarder forwarder, byte[] query, DnsMessage message, int most, boolean stream, Consumer<byte[]> reply) {
        this.forwarder = forwarder;
        this.query = query;
        this.message = message;
        this.most = most;
        this.stream = stream;
        this.reply = reply;
    }

    void start() {
        DnsQuestion question = message.question();
        if (isTransfer(question.type())) {
            reply.accept(message.answered(DnsResponseCode.REFUSED, List.of()).write(most));
        } else if (question.dnsClass() != DnsRecord.INTERNET || message.isSigned()) {
            pass();
        } else {
            Optional<DnsMessage> known = forwarder.known().answer(message);
            Optional<Ip6Address> ipv4 = translated(question);
            if (known.isPresent()) {
                send(known.get());
            } else if (ipv4.isPresent()) {
                reverse(ReverseNames.ipv4(ipv4.get()));
            } else if (Forwarder.asks(question, DnsRecordType.AAAA) && !validatesByItself()) {
                addresses();
            } else {
                pass();
            }
        }
    }

    /** Answers of many messages, which resolvers do not give anyway. */
    private static boolean isTransfer(int type) {
        return type == DnsRecordType.AXFR.intValue() || type == DnsRecordType.IXFR.intValue();
    }

    /** Who validates gets what is signed, and makes its own addresses (RFC 6147, 5.5, case 3). */
    private boolean validatesByItself() {
        return message.has(DnsHeader.CD) && message.wantsSignatures();
    }

    /** The IPv4 address whose name is asked for by that of the IPv6 address that stands for it. */
    private Optional<Ip6Address> translated(DnsQuestion question) {
        return Forwarder.asks(question, DnsRecordType.PTR)
                ? ReverseNames.ip6(question.name()).flatMap(forwarder.settings().format()::extract)
                : Optional.empty();
    }

    /** The answer is what the resolver says, byte for byte. */
    private void pass() {
        forwarder.resolvers().ask(query, message.question(), stream, this::send);
    }

    private void send(byte @Nullable [] answer) {
        if (answer == null) {
            fail();
        } else if (answer.length > most) {
            cut(answer);
        } else {
            reply.accept(DnsHeader.withId(answer, message.id()));
        }
    }

    /** A resolver sent more than it may. */
    private void cut(byte[] answer) {
        DnsMessage read = readable(answer);
        if (read == null) {
            fail();
        } else {
            send(read);
        }
    }

    private void send(DnsMessage answer) {
        reply.accept(DnsHeader.withId(answer.write(most), message.id()));
    }

    private void fail() {
        send(message.answered(DnsResponseCode.SERVFAIL, List.of()));
    }

    private void addresses() {
        forwarder.resolvers().ask(query, message.question(), true, this::addressesAnswered);
    }

    private void addressesAnswered(byte @Nullable [] answer) {
        Synthesis synthesis = forwarder.synthesis();
        DnsMessage aaaa = readable(answer);
        if (answer != null && DnsHeader.isTruncated(answer)) {
            send(answer); // there is more, but nobody could get it
        } else if (aaaa == null || !synthesis.suffices(aaaa)) {
            // No answer counts as a failure of the server, and that as an empty answer (RFC 6147, 5.1.3).
            ipv4(Synthesis.lifetime(Stream.ofNullable(aaaa)));
        } else if (synthesis.mustBeThinned(aaaa)) {
            send(synthesis.thinned(aaaa));
        } else {
            send(answer);
        }
    }

    private void ipv4(long longest) {
        DnsQuestion asked = message.question();
        DnsQuestion a = new DnsQuestion(asked.name(), DnsRecordType.A.intValue(), asked.dnsClass());
        byte[] instead = message.with(message.flags(), a, List.of()).write();
        forwarder.resolvers().ask(instead, a, true, answer -> ipv4Answered(answer, longest));
    }

    private void ipv4Answered(byte @Nullable [] answer, long longest) {
        DnsMessage a = readable(answer);
        if (a == null) {
            fail();
            return;
        }
        DnsMessage made = forwarder.synthesis().of(a, message.question(), longest);
        if (made.answer().stream().anyMatch(r -> r.is(DnsRecordType.AAAA))) {
            forwarder.tally().synthesised.increment();
        }
        send(made);
    }

    /** The name of an IPv6 address of the prefix is an alias of that of the IPv4 address in it (RFC 6147, 5.3.1). */
    private void reverse(DnsName ipv4) {
        DnsQuestion asked = message.question();
        DnsRecord alias = DnsRecord.of(asked.name(), DnsRecordType.CNAME, Synthesis.LONGEST, ipv4);
        DnsQuestion instead = new DnsQuestion(ipv4, asked.type(), asked.dnsClass());
        DnsMessage changed = message.with(message.flags(), instead, List.of());
        Optional<DnsMessage> known = forwarder.known().answer(changed);
        if (known.isPresent()) {
            send(aliased(known.get(), alias));
            return;
        }
        forwarder.resolvers().ask(changed.write(), instead, true, answer -> {
            DnsMessage read = readable(answer);
            if (read == null) {
                fail();
            } else {
                send(aliased(read, alias));
            }
        });
    }

    private DnsMessage aliased(DnsMessage answer, DnsRecord alias) {
        List<DnsRecord> records = new ArrayList<>(List.of(alias));
        records.addAll(answer.answer());
        return answer.with(answer.flags() & ~(DnsHeader.AD | DnsHeader.AA), message.question(), List.copyOf(records));
    }

    private static @Nullable DnsMessage readable(byte @Nullable [] answer) {
        try {
            return answer == null ? null : DnsMessage.read(answer);
        } catch (MalformedDnsException e) {
            return null;
        }
    }
}
