package org.mayfly.agent.translate;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;

/** Messages on a stream, each behind its length in two bytes (RFC 1035, 4.2.2). */
final class DnsFrames {
    private static final int LENGTH_BYTES = 2;
    private static final int LONGEST = LENGTH_BYTES + 0xffff;

    private DnsFrames() {}

    static void add(ChannelPipeline pipeline) {
        pipeline.addLast(new LengthFieldBasedFrameDecoder(LONGEST, 0, LENGTH_BYTES, 0, LENGTH_BYTES));
        pipeline.addLast(new LengthFieldPrepender(LENGTH_BYTES));
    }
}
