package org.mayfly.agent.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.channel.IoEventLoop;
import io.netty.channel.unix.Socket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What cannot be had from outside at will. */
@Timeout(60)
final class DescriptorPipeTest {
    /** As of one that has gone before it was asked where it is. */
    @Test
    void aTargetThatIsToBeToldOfTheClientIsToldOrNotConnectedTo() throws Exception {
        try (RelayWorld world = new RelayWorld(10);
                Lookup lookup = new Lookup()) {
            Bounds bounds = new Bounds(10);
            DescriptorPipe.Parts parts = new DescriptorPipe.Parts(
                    bounds, lookup, new Dialing(Dialing.PATIENCE), new Direction.Shared(), new Seldom());
            IoEventLoop loop = (IoEventLoop) world.pipes.loop().next();
            Socket client = Socket.newSocketStream();
            client.bind(new InetSocketAddress(RelayWorld.literal("127.0.0.1"), 0));
            DescriptorPipe.Client who = new DescriptorPipe.Client(Origin.ADMITTED, 0);
            loop.submit(() -> new DescriptorPipe(
                                    loop, parts, client, world.target(ProxyHeader.V2), who, null, null, null)
                            .start())
                    .get(10, TimeUnit.SECONDS);
            assertEquals(0, bounds.counts().open());
            world.target.setSoTimeout(200);
            assertThrows(SocketTimeoutException.class, world.target::accept);
        }
    }
}
