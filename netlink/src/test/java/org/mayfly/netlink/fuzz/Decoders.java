package org.mayfly.netlink.fuzz;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Vocabulary;

/**
 * All decoders there are. A static method of the library is one by its parameters alone:
 *
 * <pre>
 *  (ByteBuffer b, int offset, int length)              the payload of a message
 *  (int type, ByteBuffer b, int offset, int length)    the same, where the message's type says more
 *  (AttributeReader a)                                 what is nested in an attribute; or, with a type other than 0, the
 *                                                      attribute on which the reader stands
 * </pre>
 *
 * <p>A private one is one only if it is called {@code read…} or {@code decode…} and takes a message apart: others help
 * their class alone. Those that look otherwise are written down in {@link OddDecoders}. {@link DecodersTest} fails for
 * one that is neither.
 */
final class Decoders {
    private static final String BASE = "org.mayfly.netlink";

    private static final List<Class<?>> MESSAGE = List.of(ByteBuffer.class, int.class, int.class);
    private static final List<Class<?>> TYPED = List.of(int.class, ByteBuffer.class, int.class, int.class);
    private static final List<Class<?>> NESTED = List.of(AttributeReader.class);

    private final JavaClasses main;
    private final SortedMap<String, Decoder> byName = new TreeMap<>();

    private Decoders(JavaClasses main) {
        this.main = main;
    }

    /** Looks at all classes of the library: some seconds. */
    static Decoders find() {
        JavaClasses main = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(BASE);
        Decoders found = new Decoders(main);
        found.methods().filter(Decoders::mayBeOne).forEach(m -> body(m.reflect())
                .ifPresent(body -> found.put(new Decoder(name(m), body))));
        OddDecoders.all(found.vocabularies()).forEach(found::put);
        return found;
    }

    private void put(Decoder decoder) {
        if (byName.put(decoder.name(), decoder) != null) {
            throw new IllegalStateException("two decoders are called " + decoder);
        }
    }

    Collection<Decoder> all() {
        return byName.values();
    }

    Optional<Decoder> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The methods of the library that somebody wrote. */
    Stream<JavaMethod> methods() {
        return main.stream().flatMap(c -> c.getMethods().stream()).filter(m -> !has(m, JavaModifier.SYNTHETIC));
    }

    /** The constants that are one, by the names of their classes. */
    private Map<String, Vocabulary> vocabularies() {
        Map<String, Vocabulary> found = new TreeMap<>();
        main.stream()
                .filter(c -> c.isAssignableTo(Vocabulary.class) && !c.isInterface())
                .forEach(c -> found.put(c.getName().substring(BASE.length() + 1), constant(c.reflect())));
        return found;
    }

    private static Vocabulary constant(Class<?> type) {
        try {
            Field instance = type.getDeclaredField("INSTANCE");
            instance.setAccessible(true);
            return (Vocabulary) instance.get(null);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(type + " is a vocabulary without a constant INSTANCE", e);
        }
    }

    private static boolean mayBeOne(JavaMethod m) {
        boolean message = m.getRawParameterTypes().size() > 1;
        boolean hidden = has(m, JavaModifier.PRIVATE) && !(message && isCalledOne(m.getName()));
        return has(m, JavaModifier.STATIC) && !hidden;
    }

    static boolean isCalledOne(String method) {
        return method.startsWith("read") || method.startsWith("decode");
    }

    static boolean has(JavaMethod method, JavaModifier modifier) {
        return method.getModifiers().contains(modifier);
    }

    /** {@code nft.expr.Expression.readList}. */
    static String name(JavaMethod method) {
        return method.getOwner().getName().substring(BASE.length() + 1) + "." + method.getName();
    }

    private static Optional<Decoder.Body> body(Method method) {
        List<Class<?>> parameters = List.of(method.getParameterTypes());
        if (!parameters.equals(MESSAGE) && !parameters.equals(TYPED) && !parameters.equals(NESTED)) {
            return Optional.empty();
        }
        MethodHandle handle = handle(method);
        if (parameters.equals(MESSAGE)) {
            return Optional.of((type, b, offset, length) -> handle.invoke(b, offset, length));
        }
        if (parameters.equals(TYPED)) {
            return Optional.of((type, b, offset, length) -> handle.invoke(type, b, offset, length));
        }
        return Optional.of((type, b, offset, length) -> {
            AttributeReader a = new AttributeReader(b, offset, length);
            return type == 0 || a.next() ? handle.invoke(a) : null;
        });
    }

    private static MethodHandle handle(Method method) {
        method.setAccessible(true);
        try {
            return MethodHandles.lookup().unreflect(method);
        } catch (IllegalAccessException e) {
            throw new LinkageError(method.toString(), e);
        }
    }
}
