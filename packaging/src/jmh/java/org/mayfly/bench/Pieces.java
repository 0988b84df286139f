package org.mayfly.bench;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.GateKey;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.crypto.KnockSender;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The single steps that are taken with a packet. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Pieces {
    private byte[] packet = {};
    private byte[] plain = {};
    private @Nullable KnockSender key;
    private @Nullable GateKey gate;

    @Setup
    public void setUp() throws Exception {
        Bare bare = new Bare();
        key = bare.key;
        gate = bare.server.gate();
        packet = bare.packet(bare.key, bare.around.wallNanos());
        plain = new KnockRequest(0, bare.around.wallNanos(), Ip6Address.UNSPECIFIED, "ssh").encode();
    }

    @Benchmark
    public boolean gate() {
        return gate0().matches(packet, 0);
    }

    @Benchmark
    public long keyId() {
        return gate0().keyId(packet, 0);
    }

    @Benchmark
    public boolean proof() {
        return key0().proves(packet, 0);
    }

    @Benchmark
    public byte[] head() {
        return key0().head(packet, 0);
    }

    @Benchmark
    public byte @Nullable [] open() {
        return key0().open(packet, 0);
    }

    @Benchmark
    public @Nullable KnockRequest parse() {
        return KnockRequest.parse(plain);
    }

    @Benchmark
    public List<Ip6Address> derive() {
        return Bare.DOORS.candidates(key0(), packet, 0);
    }

    private GateKey gate0() {
        return Objects.requireNonNull(gate);
    }

    private KnockSender key0() {
        return Objects.requireNonNull(key);
    }
}
