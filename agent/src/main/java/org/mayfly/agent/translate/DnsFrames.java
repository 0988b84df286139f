package org.mayfly.agent.translate;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;

/** Messages on a stream, each behind its length in two bytes (RFC 1035, 4.2.2). */
final class DnsFrames {
    private static final int LENGTH_BYTES = 2;

    /** Of a query, over UDP and TCP: a name, and options, are far shorter. */
    static final int LONGEST_QUERY = 4096;

    static final int LONGEST_ANSWER = 0xffff;

    private DnsFrames() {}

    /** @param longest a longer one is a TooLongFrameException */
    static void add(ChannelPipeline pipeline, int longest) {
        pipeline.addLast(new LengthFieldBasedFrameDecoder(LENGTH_BYTES + longest, 0, LENGTH_BYTES, 0, LENGTH_BYTES));
        pipeline.addLast(new LengthFieldPrepender(LENGTH_BYTES));
    }
}
