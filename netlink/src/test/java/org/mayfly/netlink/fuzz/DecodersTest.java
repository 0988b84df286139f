package org.mayfly.netlink.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageReader;

/** No decoder is forgotten, neither by the fuzzer nor by those who write the corpus. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS) // reading all classes takes seconds
class DecodersTest {
    /** Methods that are given bytes, or are called as if they were, and do not take apart what the kernel sends. */
    private static final Set<String> NO_DECODERS = Set.of(
            "AttributeNames.missing", // Vocabulary.path calls these three: of a request of ours, see OddDecoders
            "AttributeNames.path",
            "MessageKind.path",
            "Vocabulary.path",
            "ExtendedAck.errno", // ExtendedAck.read calls it
            "ExtendedAck.read", // OddDecoders
            "MessageReader.type", // of a message whose beginning and end are known
            "route.LinkSettings.decodePeer"); // Veth.read calls it

    /** What moves bytes and does not look at them, and what hands on what was read. */
    private static final Pattern MOVERS = Pattern.compile("(conn\\.Transport|sys\\.).*|bpf\\.Attributes\\.pointer"
            + "|conn\\.(EventHandler\\.event|Subscription\\.read|Events\\.read|Events\\$1\\.event|Asked\\..*)"
            + "|.*\\$(Decoder|Reader)\\.(decode|read)");

    private static final Set<Class<?>> BYTES = Set.of(ByteBuffer.class, AttributeReader.class, MessageReader.class);

    private final Decoders decoders = Decoders.find();

    @Test
    void everyMethodThatIsGivenBytesIsKnown() {
        Set<String> forgotten = new TreeSet<>();
        decoders.methods()
                .filter(m -> !Decoders.has(m, JavaModifier.PRIVATE) && looksLikeOne(m))
                .map(Decoders::name)
                .filter(name -> decoders.named(name).isEmpty())
                .filter(name ->
                        !NO_DECODERS.contains(name) && !MOVERS.matcher(name).matches())
                .forEach(forgotten::add);
        assertEquals(Set.of(), forgotten, "give it the shape of a decoder, or write it down in OddDecoders, or here");
    }

    /** What an {@code AttributeTable} holds has been taken apart already. */
    private static boolean looksLikeOne(JavaMethod m) {
        boolean apart = m.getRawParameterTypes().stream()
                .anyMatch(t -> t.getSimpleName().equals("AttributeTable"));
        return Decoders.isCalledOne(m.getName()) && !apart
                || m.getRawParameterTypes().stream().anyMatch(DecodersTest::isBytes);
    }

    private static boolean isBytes(JavaClass type) {
        return BYTES.stream().anyMatch(type::isEquivalentTo);
    }

    @Test
    void whatIsWrittenIsWrittenBack() {
        Set<String> forgotten = decoders.methods()
                .filter(m -> decoders.named(Decoders.name(m)).isPresent())
                .map(m -> m.getRawReturnType().reflect())
                .filter(type -> type.isRecord() && RoundTrips.writer(type) != null)
                .map(Class::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
        forgotten.removeAll(RoundTrips.PARTS);
        RoundTrips.names().forEach(name -> forgotten.remove(name.replaceAll(".*\\.(\\w+)\\.\\w+$", "$1")));
        assertEquals(Set.of(), forgotten, "write it down in RoundTrips");
        Set<String> gone = new TreeSet<>(RoundTrips.names());
        gone.removeIf(name -> decoders.named(name).isPresent());
        assertEquals(Set.of(), gone, "RoundTrips knows what is no more");
    }

    @Test
    void theCorpusNamesNoDecoderThatIsGone() {
        Set<String> gone = new TreeSet<>(Corpus.names());
        gone.removeIf(name -> decoders.named(name).isPresent());
        assertEquals(Set.of(), gone, "call them in corpus.txt what they are called now, or remove their lines");
    }

    @Test
    void theCorpusHasAGoodMessageForEveryDecoder() {
        Trial trial = new Trial();
        Set<String> without = new TreeSet<>();
        decoders.all().forEach(d -> without.add(d.name()));
        List<Input> corpus = Corpus.read(new Input.Form(decoders));
        corpus.stream()
                .filter(trial::run)
                .forEach(i -> without.remove(i.decoder().name()));
        assertEquals(Set.of(), without, "add a line to corpus.txt");
    }
}
