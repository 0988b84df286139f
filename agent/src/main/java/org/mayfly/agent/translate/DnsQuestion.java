package org.mayfly.agent.translate;

/** What is asked for (RFC 1035, 4.1.2). */
record DnsQuestion(DnsName name, int type, int dnsClass) {
    void write(DnsWriter to) {
        to.name(name);
        to.u16(type);
        to.u16(dnsClass);
    }
}
