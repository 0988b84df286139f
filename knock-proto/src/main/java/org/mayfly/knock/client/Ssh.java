package org.mayfly.knock.client;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The user's own ssh, with a door as its way. The only place in Mayfly that starts a program. */
public final class Ssh {
    private Ssh() {}

    /**
     * The command line.
     *
     * @param windows whether the shell that ssh hands the ProxyCommand to quotes as Windows does
     * @param launcher how this program is started
     * @param connect what follows it: {@code connect NAME SERVICE} and options
     * @param destination {@code NAME} or {@code USER@NAME}
     * @param alias under which name the host's key is known, since every door has another address
     */
    static List<String> command(
            boolean windows,
            String launcher,
            List<String> connect,
            String destination,
            String alias,
            List<String> arguments) {
        StringBuilder proxy = new StringBuilder(quote(launcher, windows));
        connect.forEach(a -> proxy.append(' ').append(quote(a, windows)));
        List<String> c = new ArrayList<>();
        c.add("ssh");
        c.add("-o");
        c.add("ProxyCommand=" + proxy.toString().replace("%", "%%")); // ssh_config(5), TOKENS
        c.add("-o");
        c.add("HostKeyAlias=" + alias);
        c.add(destination);
        c.addAll(arguments); // ssh takes options after the destination, too
        return c;
    }

    private static String quote(String word, boolean windows) {
        if (word.matches("[A-Za-z0-9_./:%=+-]+")) {
            return word;
        }
        return windows ? '"' + word + '"' : "'" + word.replace("'", "'\\''") + "'";
    }

    /** Runs ssh on this terminal and gives its exit status. */
    public static int run(
            String launcher, List<String> connect, String destination, String alias, List<String> arguments)
            throws Failure {
        boolean windows = System.getProperty("os.name", "").startsWith("Windows");
        try {
            Process p = new ProcessBuilder(command(windows, launcher, connect, destination, alias, arguments))
                    .inheritIO()
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(p::destroy));
            return p.waitFor();
        } catch (IOException e) {
            throw Failure.failed("cannot start ssh: install an OpenSSH client, and check that it is on the PATH");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failure.failed("interrupted");
        }
    }
}
