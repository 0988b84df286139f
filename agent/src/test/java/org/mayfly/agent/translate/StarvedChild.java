package org.mayfly.agent.translate;

import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.mayfly.agent.net.Transport;

/** Run by {@link StarvedTest} in a JVM of its own, with few descriptors: asks with some left, with none, and with some. */
final class StarvedChild {
    private static final String NAME = "v4.example";

    private StarvedChild() {}

    public static void main(String[] arguments) throws Exception {
        Transport transport = arguments[0].equals("epoll") ? Transport.epoll() : Transport.nio();
        EventLoopGroup group = transport.loop();
        try (Upstream resolver = new Upstream(StarvedChild::answer, q -> List.of())) {
            InetSocketAddress address = resolver.address();
            Upstreams upstreams = new Upstreams(transport, group.next(), List.of(address), new Dns64Tally());
            System.out.println(ask(upstreams));
            List<FileInputStream> files = starve();
            System.out.println(ask(upstreams));
            for (FileInputStream f : files) {
                f.close();
            }
            System.out.println(ask(upstreams));
        }
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    private static List<byte[]> answer(DnsMessage query) {
        List<DnsRecord> one = List.of(Dns.address(NAME, 60, "192.0.2.1"));
        byte[] answer =
                Dns.response(query.question(), DnsResponseCode.NOERROR, one).write();
        return List.of(DnsHeader.withId(answer, query.id()));
    }

    private static List<FileInputStream> starve() {
        List<FileInputStream> files = new ArrayList<>();
        try {
            while (true) {
                files.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException e) {
            return files; // EMFILE
        }
    }

    private static String ask(Upstreams upstreams) throws Exception {
        CompletableFuture<String> got = new CompletableFuture<>();
        byte[] query = Dns.query(NAME, DnsRecordType.A).write();
        upstreams
                .loop()
                .execute(() -> upstreams.ask(query, Dns.question(NAME, DnsRecordType.A), false, answer -> {
                    String on = upstreams.loop().inEventLoop() ? " on the loop" : " elsewhere";
                    got.complete((answer == null ? "nothing" : "an answer") + on);
                }));
        return got.get(20, TimeUnit.SECONDS);
    }
}
