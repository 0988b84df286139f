package org.mayfly.packaging;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.mayfly.packaging.Party.Count;
import org.mayfly.packaging.Party.Drip;
import org.mayfly.packaging.Party.Finish;
import org.mayfly.packaging.Party.Hear;
import org.mayfly.packaging.Party.Leave;
import org.mayfly.packaging.Party.Reset;
import org.mayfly.packaging.Party.Rest;
import org.mayfly.packaging.Party.Send;
import org.mayfly.packaging.Party.Step;
import org.mayfly.packaging.Stage.Play;

/** Every way in which two who talk over TCP begin, go on and end, as far as either can tell. */
final class Plays {
    /** More than all buffers on the way hold. */
    private static final int MUCH = 24 << 20;

    private Plays() {}

    static List<Play> all() {
        return List.of(
                new Play(
                        "the server greets first",
                        List.of(new Hear("220 hello\r\n"), new Send("QUIT\r\n"), new Hear("221 bye\r\n")),
                        List.of(new Send("220 hello\r\n"), new Hear("QUIT\r\n"), new Send("221 bye\r\n"), new Leave())),
                new Play("a question and an answer", asks("what\n"), answers("what\n")),
                new Play("one byte", asks("?"), answers("?")),
                new Play("95 bytes", asks(noise(95)), answers(noise(95))),
                new Play("96 bytes", asks(noise(96)), answers(noise(96))),
                new Play("97 bytes", asks(noise(97)), answers(noise(97))),
                new Play("96 bytes, one at a time", dripped(noise(96)), answers(noise(96))),
                new Play("130 bytes, one at a time", dripped(noise(130)), answers(noise(130))),
                new Play(
                        "95 bytes, then the rest",
                        List.of(
                                new Send(noise(95)),
                                new Hear("go on"),
                                new Send("rest"),
                                new Hear("heard"),
                                new Leave()),
                        List.of(new Count(95), new Send("go on"), new Hear("rest"), new Send("heard"))),
                new Play("nothing, then FIN", List.of(new Finish()), List.of()),
                new Play(
                        "FIN, then the answer",
                        List.of(new Send("all"), new Finish()),
                        List.of(
                                new Hear("all"),
                                new Rest(Duration.ofMillis(200)),
                                new Send("the answer"),
                                new Leave())),
                new Play(
                        "FIN, then much, slowly read",
                        List.of(new Send("all"), new Finish(), new Rest(Duration.ofMillis(700))),
                        List.of(new Hear("all"), new Send(noise(MUCH)), new Leave())),
                new Play(
                        "the server's FIN first, then much",
                        List.of(new Hear("done"), new Send(noise(MUCH)), new Leave()),
                        List.of(new Send("done"), new Finish(), new Rest(Duration.ofMillis(700)))),
                new Play(
                        "much both ways",
                        List.of(new Send(noise(MUCH)), new Finish()),
                        List.of(new Send(noise(MUCH)), new Finish())),
                new Play("the server ends it at once", List.of(), List.of(new Leave())),
                new Play("the server resets it at once", List.of(), List.of(new Reset())),
                new Play(
                        "the server resets it after some bytes",
                        List.of(new Send("hello")),
                        List.of(new Hear("hello"), new Reset())),
                new Play(
                        "the server resets it after its answer was read",
                        List.of(new Send("hello"), new Hear("answer"), new Send("thanks")),
                        List.of(new Hear("hello"), new Send("answer"), new Hear("thanks"), new Reset())),
                new Play(
                        "the server does not read, and ends it",
                        List.of(new Send(noise(300)), new Rest(Duration.ofMillis(200))),
                        List.of(new Rest(Duration.ofMillis(500)), new Leave())),
                new Play("the client goes away", List.of(new Send("a"), new Hear("b"), new Leave()), answers("a", "b")),
                new Play("the client resets it", List.of(new Send("a"), new Hear("b"), new Reset()), answers("a", "b")),
                new Play(
                        "the client resets it amid much",
                        List.of(new Count(1 << 20), new Reset()),
                        List.of(new Send(noise(MUCH)))),
                new Play(
                        "the client resets it after its FIN",
                        List.of(new Send("a"), new Finish(), new Hear("b"), new Reset()),
                        List.of(
                                new Hear("a"),
                                new Send("b"),
                                new Rest(Duration.ofMillis(300)),
                                new Send("c"),
                                new Rest(Duration.ofMillis(100)),
                                new Send("d"))));
    }

    private static List<Step> asks(String octets) {
        return List.of(new Send(octets), new Hear("heard"), new Finish());
    }

    private static List<Step> dripped(String octets) {
        return List.of(new Drip(octets), new Hear("heard"), new Finish());
    }

    /** And ends when the other side has. */
    private static List<Step> answers(String octets) {
        return answers(octets, "heard");
    }

    private static List<Step> answers(String octets, String answer) {
        return List.of(new Count(octets.length()), new Send(answer));
    }

    /** The same at every call. */
    static String noise(int octets) {
        Random random = new Random(octets);
        StringBuilder all = new StringBuilder(octets);
        for (int i = 0; i < octets; i++) {
            all.append((char) random.nextInt(256));
        }
        return all.toString();
    }
}
