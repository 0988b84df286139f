package org.mayfly.agent.admin;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What can be asked of the agent. Results are what {@code mayflyctl --json} prints, so their fields hold still: add to
 * them, never rename or remove. Every field is always there, {@code null} when there is nothing to say. Times are RFC
 * 3339 in UTC.
 */
public enum AdminCommand {
    /** No arguments. Result: {@link StatusAnswer}. */
    STATUS("status", false),

    /** No arguments. Result: an array of {@link LeaseAnswer}, the oldest first. */
    LEASES("leases", false),

    /** No arguments. Result: an array of {@link ClientAnswer}, by name. */
    CLIENTS("clients", false),

    /** No arguments. Result: an array of {@link ServiceAnswer}, by name. */
    SERVICES("services", false),

    /** No arguments. Result: an array of {@link RuleAnswer}, in the order of the ruleset. */
    RULES("rules", false),

    /**
     * No arguments. Results: {@link EventAnswer}s as things happen, without an end; of the leases there are already it
     * tells nothing. Nothing else can be asked on the connection from then on.
     */
    MONITOR("monitor", false),

    /**
     * No arguments. Result: an object of numbers. Names are those of Prometheus with labels folded in, such as
     * {@code mayfly_knocks_accepted_total} and {@code mayfly_knocks_refused_gate_total}.
     */
    METRICS("metrics", false),

    /**
     * Opens a door by hand. Arguments: {@code client}, {@code service}; optional {@code source} (an address; without it,
     * anybody who is told the door) and {@code lease} (a duration such as {@code "30s"}). Result: {@link PermitAnswer}.
     */
    PERMIT("permit", true, "client", "service", "source", "lease"),

    /**
     * Ends leases at once, their sessions too. Arguments: {@code target} (the id of a lease, or the name of a client) or
     * {@code all} ({@code true}), one of the two. Result: {@link RevokeAnswer}.
     */
    REVOKE("revoke", true, "target", "all"),

    /** Reads configuration and clients again; live leases stay. No arguments. Result: {@link ReloadAnswer}. */
    RELOAD("reload", true),

    /**
     * Makes a client. Arguments: {@code name}; optional {@code services} (array of names; without it, all there are) and
     * {@code source} ({@code "exact"}, {@code "net64"} or {@code "any"}; without it, exact). Result:
     * {@link EnrolmentAnswer}.
     */
    CLIENT_ADD("client-add", true, "name", "services", "source"),

    /** Arguments: {@code name}. Result: {@link ClientAnswer}; never a secret. */
    CLIENT_SHOW("client-show", false, "name"),

    /**
     * Gives a client a new key, beside the one before. Arguments: {@code name}; optional {@code revoke} ({@code true}: in
     * place of all before, whose leases end at once, their sessions too). Result: {@link EnrolmentAnswer}.
     */
    CLIENT_ROTATE("client-rotate", true, "name", "revoke"),

    /** Removes a client and ends its leases. Arguments: {@code name}. Result: {@link RevokeAnswer}. */
    CLIENT_REMOVE("client-remove", true, "name");

    private final String word;
    private final boolean writing;

    @SuppressWarnings("ImmutableEnumChecker") // Set.copyOf makes one that is.
    private final Set<String> arguments;

    AdminCommand(String word, boolean writing, String... arguments) {
        this.word = word;
        this.writing = writing;
        this.arguments = Set.copyOf(List.of(arguments));
    }

    /** The command of that name on the wire; null if there is none. */
    static @Nullable AdminCommand of(String word) {
        for (AdminCommand command : values()) {
            if (command.word.equals(word)) {
                return command;
            }
        }
        return null;
    }

    /** Its name on the wire. */
    public String word() {
        return word;
    }

    /** Whether it changes anything, so that not everybody who can connect may ask for it. */
    public boolean writing() {
        return writing;
    }

    /** Whether it is answered again and again: by {@link AdminHandler#follow}. */
    public boolean streaming() {
        return this == MONITOR;
    }

    /** The arguments it knows. */
    Set<String> arguments() {
        return arguments;
    }

    @Override
    public String toString() {
        return word;
    }
}
