package org.mayfly.knock.client;

import java.util.List;
import java.util.stream.Collectors;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.ServiceOffer;

/**
 * One server as this client knows it.
 *
 * @param name what the user calls it
 * @param enrolment what the server gave
 */
public record Profile(String name, Enrolment enrolment) {
    private static final int SSH_PORT = 22;

    /**
     * The service of that name, else the one on that port.
     *
     * @throws Failure if there is none; the message lists what there is
     */
    public ServiceOffer service(String wanted) throws Failure {
        List<ServiceOffer> all = enrolment.services();
        for (ServiceOffer s : all) {
            if (s.name().equals(wanted)) {
                return s;
            }
        }
        for (ServiceOffer s : all) {
            if (String.valueOf(s.port()).equals(wanted)) {
                return s;
            }
        }
        throw Failure.usage("\"" + name + "\" has no service or port " + wanted + "; it has " + list());
    }

    /** What a knock means that names none. */
    public ServiceOffer firstService() {
        return enrolment.services().get(0);
    }

    /** The service that ssh is for: by name, else by port, else the first. */
    public ServiceOffer sshService() {
        for (ServiceOffer s : enrolment.services()) {
            if (s.name().equals("ssh")) {
                return s;
            }
        }
        for (ServiceOffer s : enrolment.services()) {
            if (s.port() == SSH_PORT && isTcp(s)) {
                return s;
            }
        }
        return firstService();
    }

    static boolean isTcp(ServiceOffer s) {
        return s.protocol().equals("tcp");
    }

    private String list() {
        return enrolment.services().stream().map(ServiceOffer::toString).collect(Collectors.joining(", "));
    }
}
