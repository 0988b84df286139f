package org.mayfly.agent.translate;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A resolver that answers what it was told to, and nothing to anything else. */
final class Script implements Resolvers {
    /** What was asked, in order, as {@code name. TYPE}. */
    final List<String> asked = new ArrayList<>();

    final List<DnsMessage> queries = new ArrayList<>();
    private final Map<String, byte[]> answers = new HashMap<>();

    /** While it is there, nobody is answered. */
    @Nullable
    List<Runnable> held;

    Script answers(String name, DnsRecordType type, DnsResponseCode code, List<DnsRecord> answer, DnsRecord... soa) {
        return answers(Dns.response(Dns.question(name, type), code, answer, soa));
    }

    Script answers(DnsMessage message) {
        return answers(message.question(), message.write());
    }

    Script answers(DnsQuestion question, byte[] message) {
        answers.put(text(question), message);
        return this;
    }

    private static String text(DnsQuestion q) {
        return q.name() + " " + DnsRecordType.valueOf(q.type()).name();
    }

    @Override
    public void ask(byte[] query, DnsQuestion question, boolean whole, Consumer<byte @Nullable []> then) {
        asked.add(text(question));
        try {
            queries.add(DnsMessage.read(query));
        } catch (MalformedDnsException e) {
            throw new AssertionError("asked what cannot be read", e);
        }
        if (held == null) {
            then.accept(answers.get(text(question)));
        } else {
            held.add(() -> then.accept(answers.get(text(question))));
        }
    }
}
