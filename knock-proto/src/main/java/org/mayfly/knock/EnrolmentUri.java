package org.mayfly.knock;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The text form of an {@link Enrolment}; grammar in {@code docs/protocol.md}. No message of it quotes a value of
 * {@code k} or {@code g}, nor a part of the text of which it does not know that it is neither.
 */
final class EnrolmentUri {
    private static final Pattern CHECKED = Pattern.compile("(mayfly://.*)&c=([0-9a-f]{8})");
    private static final Pattern PARTS =
            Pattern.compile("mayfly://([^@/?]*)@(?:\\[([^\\]]*)\\]|([^:\\[\\]?]*)):([0-9]{1,5})\\?(.*)");
    private static final Pattern OFFER = Pattern.compile("([^:/]*):([0-9]{1,5})/([a-z]{0,4})");

    /** The longest service offer and the longest prefix. */
    private static final int LONGEST_OFFER = 16 + 1 + 5 + 1 + 4;

    private static final int LONGEST_PREFIX = 39 + 1 + 3;

    private EnrolmentUri() {}

    static String format(Enrolment e) {
        String host = e.host().indexOf(':') >= 0 ? "[" + e.host() + "]" : e.host();
        StringBuilder s = new StringBuilder("mayfly://")
                .append(e.client() + "@" + host + ":" + e.port())
                .append("?s="
                        + String.join(
                                ",",
                                e.services().stream()
                                        .map(ServiceOffer::toString)
                                        .toList()))
                .append("&k=" + base64(e.clientSecret().copy()))
                .append("&g=" + base64(e.server().gate().secret().copy()))
                .append("&i=" + base64(e.server().id()))
                .append("&p=" + e.doors().prefix());
        if (!e.doors().reserved().equals(DoorSpace.DEFAULT_RESERVED)) {
            s.append("&r=" + e.doors().reserved());
        }
        if (e.tcpPort() != 0) {
            s.append("&t=" + e.tcpPort());
        }
        if (e.follow() != 0) {
            s.append("&f=" + e.follow());
        }
        return s.append("&c=" + checksum(s.toString())).toString();
    }

    static Enrolment parse(String uri) {
        if (!uri.startsWith("mayfly://")) {
            throw wrong("it has to begin with mayfly://");
        }
        Matcher checked = CHECKED.matcher(uri);
        if (!checked.matches()) {
            throw wrong("it has been cut short: it has to end in &c= and 8 hexadecimal digits. Copy all of it");
        }
        if (!checksum(checked.group(1)).equals(checked.group(2))) {
            throw wrong("a character of it has been changed or lost: the check digits (c) do not agree. Copy it again");
        }
        Matcher parts = PARTS.matcher(checked.group(1));
        if (!parts.matches()) {
            throw wrong("it has to be mayfly://CLIENT@HOST:PORT?… with an IPv6 host in brackets");
        }
        try {
            return build(parts, fields(parts.group(5)));
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private static Enrolment build(Matcher parts, Map<String, String> fields) {
        String host = parts.group(2) != null ? parts.group(2) : parts.group(3);
        if (parts.group(2) != null && parts.group(2).indexOf(':') < 0) {
            throw new IllegalArgumentException("only an IPv6 host stands in brackets");
        }
        ServerIdentity server = ServerIdentity.of(
                bytes(fields, "i", ServerIdentity.ID_LENGTH), Secret.of(bytes(fields, "g", GateKey.LENGTH)));
        Ip6Prefix prefix = named("p", need(fields, "p"), EnrolmentUri::prefix);
        String r = fields.get("r");
        Ip6Prefix reserved = r == null ? DoorSpace.DEFAULT_RESERVED : named("r", r, EnrolmentUri::prefix);
        String t = fields.get("t");
        String f = fields.get("f");
        return new Enrolment(
                parts.group(1),
                host,
                Integer.parseInt(parts.group(4)),
                t == null ? 0 : named("t", t, EnrolmentUri::tcpPort),
                named("s", need(fields, "s"), EnrolmentUri::offers),
                Secret.of(bytes(fields, "k", Enrolment.SECRET_LENGTH)),
                server,
                new DoorSpace(prefix, reserved),
                f == null ? 0 : named("f", f, EnrolmentUri::bits));
    }

    private static Map<String, String> fields(String query) {
        Map<String, String> fields = new HashMap<>();
        for (String field : query.split("&", -1)) {
            if (!field.matches("[sgkiprtf]=.*")) {
                throw new IllegalArgumentException("it has a field that this version does not know; known are"
                        + " s, k, g, i, p, r, t, f and, last, c. A newer server may have made it");
            }
            if (fields.put(field.substring(0, 1), field.substring(2)) != null) {
                throw new IllegalArgumentException("the field " + field.charAt(0) + " is there twice");
            }
        }
        return fields;
    }

    private static String need(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the field " + name + " is missing");
        }
        return value;
    }

    private static <T> T named(String name, String value, Function<String, T> reader) {
        try {
            return reader.apply(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage());
        }
    }

    private static Ip6Prefix prefix(String text) {
        if (!isQuotable(text, LONGEST_PREFIX)) {
            throw new IllegalArgumentException("it is not an IPv6 prefix such as 2001:db8:1:2::/64");
        }
        return Ip6Prefix.parse(text);
    }

    /** Not a secret whose field lost its name, nor one that follows where a separator was lost. */
    private static boolean isQuotable(String text, int longest) {
        return text.length() <= longest && text.indexOf('=') < 0 && text.indexOf(':') >= 0;
    }

    private static int tcpPort(String text) {
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > 65535) {
            throw new IllegalArgumentException("a port is 1 to 65535");
        }
        return Integer.parseInt(text);
    }

    private static int bits(String text) {
        if (!text.matches("[1-9][0-9]{0,2}")) {
            throw new IllegalArgumentException(
                    "how many bits of p are those of the server's address is a number from 1");
        }
        return Integer.parseInt(text);
    }

    private static List<ServiceOffer> offers(String text) {
        List<ServiceOffer> offers = new ArrayList<>();
        for (String offer : text.split(",", -1)) {
            boolean quotable = isQuotable(offer, LONGEST_OFFER);
            Matcher m = OFFER.matcher(quotable ? offer : "");
            if (!m.matches()) {
                throw new IllegalArgumentException(
                        (quotable ? "\"" + offer + "\"" : "it") + " is not NAME:PORT/PROTOCOL, such as ssh:22/tcp");
            }
            offers.add(new ServiceOffer(m.group(1), Integer.parseInt(m.group(2)), m.group(3)));
        }
        return offers;
    }

    private static byte[] bytes(Map<String, String> fields, String name, int length) {
        String text = need(fields, name);
        byte[] bytes = decode(text);
        // One text for one value: unused bits of the last character have to be zero.
        if (bytes == null || bytes.length != length || !base64(bytes).equals(text)) {
            throw new IllegalArgumentException(name + ": has to be " + length + " bytes in base64url without padding");
        }
        return bytes;
    }

    private static byte @Nullable [] decode(String text) {
        try {
            return Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String checksum(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }

    private static IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("not a usable enrolment URI: " + what);
    }
}
