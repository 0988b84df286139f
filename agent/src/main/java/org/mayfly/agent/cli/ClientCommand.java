package org.mayfly.agent.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.agent.admin.ClientAnswer;
import org.mayfly.agent.admin.EnrolmentAnswer;
import org.mayfly.agent.admin.Json;
import org.mayfly.agent.admin.RevokeAnswer;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "client",
        description = "Makes clients, shows them, and removes them.",
        subcommands = {
            ClientCommand.Add.class,
            ClientsCommand.InGroup.class,
            ClientCommand.Show.class,
            ClientCommand.Rotate.class,
            ClientCommand.Remove.class
        })
final class ClientCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Say what to do with a client: add, list, show, rotate or remove");
    }

    /** Whom a client's leases let in. */
    enum Source {
        EXACT,
        NET64,
        ANY;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** So that a mistake is told in the words that one types. */
        static final class Reader implements ITypeConverter<Source> {
            @Override
            public Source convert(String text) {
                for (Source source : values()) {
                    if (source.toString().equals(text)) {
                        return source;
                    }
                }
                throw new TypeConversionException("'" + text + "' is none of exact, net64 and any");
            }
        }
    }

    /** About one client. */
    abstract static class One extends AgentCommand {
        @Parameters(paramLabel = "NAME", description = "Name of the client.")
        private String name;

        One(AdminCommand command) {
            super(command);
        }

        @Override
        void arguments(JsonObject arguments) {
            add(arguments, "name", name);
        }

        /** The URI alone, for a pipe to carry to where it belongs. */
        final void printUri(JsonElement result) {
            out().println(Table.printable(
                    Json.read(result, EnrolmentAnswer.class).uri()));
            note("this is a secret: it lets its holder in as " + name + "; give it to 'mayfly enroll' there");
        }
    }

    @Command(name = "add", description = "Makes a client, and prints the URI to enroll it with. The URI is a secret.")
    static final class Add extends One {
        @Option(
                names = "--service",
                paramLabel = "S",
                description = "What it may open; may be repeated. Without it: all services there are.")
        private List<String> services = List.of();

        @Option(
                names = "--source",
                converter = Source.Reader.class,
                paramLabel = "WHOM",
                description = "Whom its leases let in: ${COMPLETION-CANDIDATES}. Without it: exact, the address that"
                        + " knocked; net64 is the /64 around it.")
        private @Nullable Source source;

        Add() {
            super(AdminCommand.CLIENT_ADD);
        }

        @Override
        void arguments(JsonObject arguments) {
            super.arguments(arguments);
            add(arguments, "services", services);
            add(arguments, "source", source == null ? null : source.toString());
        }

        @Override
        void print(JsonElement result) {
            printUri(result);
        }
    }

    @Command(name = "show", description = "Shows a client, without its secrets.")
    static final class Show extends One {
        Show() {
            super(AdminCommand.CLIENT_SHOW);
        }

        @Override
        void print(JsonElement result) {
            ClientAnswer client = Json.read(result, ClientAnswer.class);
            Table table = new Table("", "");
            table.row("name", client.name());
            table.row("services", String.join(", ", client.services()));
            table.row("source", client.source());
            client.keys().forEach(key -> table.row("key", key));
            table.row("leases", client.leases() + " of " + client.quota());
            table.row("refused", Table.counts(client.refused()));
            table.row("created", time(client.created()));
            table.row("last knock", time(client.lastKnock()));
            table.print(out());
        }

        private @Nullable String time(@Nullable Instant time) {
            return time == null ? null : times().both(time);
        }
    }

    @Command(
            name = "rotate",
            description =
                    "Gives a client a new key, and prints the URI to enroll it with. The URI is a secret. The key before"
                            + " stays good until the next rotation, unless --revoke ends it at once.")
    static final class Rotate extends One {
        @Option(
                names = "--revoke",
                description =
                        "End all keys before at once, and the leases they opened with their sessions: for a key that"
                                + " leaked.")
        private boolean revoke;

        Rotate() {
            super(AdminCommand.CLIENT_ROTATE);
        }

        @Override
        void arguments(JsonObject arguments) {
            super.arguments(arguments);
            if (revoke) {
                arguments.addProperty("revoke", true);
            }
        }

        @Override
        void print(JsonElement result) {
            printUri(result);
        }
    }

    @Command(name = "remove", description = "Removes a client, ends its leases, and cuts their sessions.")
    static final class Remove extends One {
        Remove() {
            super(AdminCommand.CLIENT_REMOVE);
        }

        @Override
        void print(JsonElement result) {
            note(RevokeCommand.summary(Json.read(result, RevokeAnswer.class)));
        }
    }
}
