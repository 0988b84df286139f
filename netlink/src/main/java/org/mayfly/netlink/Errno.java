package org.mayfly.netlink;

/** Error numbers as {@code asm-generic/errno.h} names them: those that netlink answers with. */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EAGAIN = 11;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int ENOBUFS = 105;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ERESTART = 85;

    private Errno() {}

    /** {@code ENOENT} and its kind; {@code errno 123} for one not listed. */
    public static String name(int errno) {
        return switch (errno) {
            case EPERM -> "EPERM";
            case ENOENT -> "ENOENT";
            case EINTR -> "EINTR";
            case EAGAIN -> "EAGAIN";
            case EBUSY -> "EBUSY";
            case EEXIST -> "EEXIST";
            case ENODEV -> "ENODEV";
            case ENOBUFS -> "ENOBUFS";
            case EADDRNOTAVAIL -> "EADDRNOTAVAIL";
            case ERESTART -> "ERESTART";
            case 12 -> "ENOMEM";
            case 13 -> "EACCES";
            case 22 -> "EINVAL";
            case 34 -> "ERANGE";
            case 90 -> "EMSGSIZE";
            case 95 -> "EOPNOTSUPP";
            case 97 -> "EAFNOSUPPORT";
            default -> "errno " + errno;
        };
    }
}
