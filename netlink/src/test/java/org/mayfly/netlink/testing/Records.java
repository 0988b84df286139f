package org.mayfly.netlink.testing;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares records but for some of what they say. */
public final class Records {
    private Records() {}

    /** A copy where those components, also of records inside, say nothing: null, 0, an empty list. */
    @SuppressWarnings("unchecked")
    public static <T> T without(T value, Set<String> components) {
        try {
            return (T) copy(value, components);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(value.toString(), e);
        }
    }

    private static Object copy(Object value, Set<String> without) throws ReflectiveOperationException {
        if (value instanceof List<?> list) {
            List<Object> copies = new ArrayList<>();
            for (Object o : list) {
                copies.add(copy(o, without));
            }
            return copies;
        }
        if (without.isEmpty() || !value.getClass().isRecord()) {
            return value;
        }
        RecordComponent[] components = value.getClass().getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        @Nullable Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            components[i].getAccessor().setAccessible(true);
            Object one = components[i].getAccessor().invoke(value);
            boolean gone = one == null || without.contains(components[i].getName());
            values[i] = gone ? nothing(types[i]) : copy(one, without);
        }
        Constructor<?> constructor = value.getClass().getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return constructor.newInstance(values);
    }

    private static @Nullable Object nothing(Class<?> type) {
        return type == long.class ? 0L : type == int.class ? 0 : type == List.class ? List.of() : null;
    }
}
