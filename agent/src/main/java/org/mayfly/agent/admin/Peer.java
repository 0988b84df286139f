package org.mayfly.agent.admin;

/**
 * Who is at the other end of the socket, as the kernel recorded it when the connection was made (SO_PEERCRED, unix(7)).
 *
 * @param writes whether it may change anything: root, or whoever the agent runs as
 */
public record Peer(long uid, long gid, long pid, boolean writes) {
    @Override
    public String toString() {
        return "uid " + uid + ", pid " + pid;
    }
}
