package org.mayfly.agent.translate;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.net.Transport;

/**
 * The resolvers. Each question goes out of a socket of its own, whose port the kernel picks at random, with a random id; so
 * somebody who guesses has to guess both (RFC 5452, 9.2). The sockets are connected: packets of others do not come in.
 */
final class Upstreams implements Resolvers {
    /** How a question travels. */
    enum Way {
        PACKET,
        STREAM
    }

    private static final int LARGEST = 0xffff;

    private final Transport transport;
    private final EventLoop loop;
    private final List<InetSocketAddress> addresses;
    private final Dns64Tally tally;
    private final SecureRandom random = new SecureRandom();
    private int first;

    Upstreams(Transport transport, EventLoop loop, List<InetSocketAddress> addresses, Dns64Tally tally) {
        this.transport = transport;
        this.loop = loop;
        this.addresses = addresses;
        this.tally = tally;
    }

    @Override
    public void ask(byte[] query, DnsQuestion question, boolean whole, Consumer<byte @Nullable []> then) {
        new Exchange(this, Way.PACKET, query, question, null, answer -> {
                    if (whole && answer != null && DnsHeader.isTruncated(answer)) {
                        new Exchange(this, Way.STREAM, query, question, answer, then).start();
                    } else {
                        then.accept(answer);
                    }
                })
                .start();
    }

    EventLoop loop() {
        return loop;
    }

    Dns64Tally tally() {
        return tally;
    }

    int size() {
        return addresses.size();
    }

    /** Which one to ask first: the one that answered last. */
    int first() {
        return first;
    }

    void answered(int which) {
        first = which;
    }

    int randomId() {
        return random.nextInt(1 << Short.SIZE);
    }

    /** @param opened called once, on the loop */
    void connect(int which, Way way, AnswerReader reader, Consumer<ChannelFuture> opened) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Exchange.PATIENCE_MILLIS)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (way == Way.STREAM) {
                            DnsFrames.add(channel.pipeline(), DnsFrames.LONGEST_ANSWER);
                        }
                        channel.pipeline().addLast(reader);
                    }
                });
        if (way == Way.PACKET) {
            bootstrap
                    .channelFactory(
                            () -> transport.datagram(addresses.get(which).getAddress() instanceof Inet4Address))
                    .option(
                            ChannelOption.RECVBUF_ALLOCATOR,
                            new FixedRecvByteBufAllocator(LARGEST).maxMessagesPerRead(1));
        } else {
            bootstrap.channel(transport.client());
        }
        bootstrap.connect(addresses.get(which)).addListener((ChannelFuture f) -> {
            if (loop.inEventLoop()) {
                opened.accept(f);
            } else { // there was no descriptor for it: what never had a loop is told of by a thread of Netty's own
                loop.execute(() -> opened.accept(f));
            }
        });
    }
}
