package org.mayfly.agent.runtime;

import java.lang.reflect.Proxy;

/**
 * Takes signals. The JDK has no public way to hear SIGHUP; {@code sun.misc.Signal} is exported by {@code
 * jdk.unsupported} and spoken to by reflection, since the compiler warns of a direct use and the build allows no
 * warnings.
 */
final class Signals {
    private Signals() {}

    /** Runs {@code action}, on a thread of the JVM's, whenever the signal comes. */
    static void on(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy =
                    Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler}, (p, m, args) -> {
                        if (m.getName().equals("handle")) {
                            action.run();
                            return null;
                        }
                        return switch (m.getName()) {
                            case "hashCode" -> System.identityHashCode(p);
                            case "equals" -> p == (args == null ? null : args[0]);
                            default -> "handler of SIG" + name;
                        };
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM cannot take SIG" + name, e);
        }
    }
}
