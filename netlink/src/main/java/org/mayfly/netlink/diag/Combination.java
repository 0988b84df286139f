package org.mayfly.netlink.diag;

import org.mayfly.netlink.MessageWriter;

/** A condition made of others, with jumps between them. */
sealed interface Combination extends Condition {
    /** Both apply. */
    record And(Condition a, Condition b) implements Combination {
        @Override
        public int length() {
            return a.length() + b.length();
        }

        @Override
        public void write(MessageWriter w, int failure) {
            a.write(w, failure);
            b.write(w, failure - a.length());
        }

        @Override
        public int families() {
            return a.families() & b.families();
        }

        @Override
        public int port(boolean local) {
            return a.port(local) != 0 ? a.port(local) : b.port(local);
        }

        @Override
        public String toString() {
            return "( " + a + " and " + b + " )";
        }
    }

    /** One of them applies. Behind the first is a jump over the second. */
    record Or(Condition a, Condition b) implements Combination {
        @Override
        public int length() {
            return a.length() + OPERATION + b.length();
        }

        @Override
        public void write(MessageWriter w, int failure) {
            a.write(w, a.length() + OPERATION);
            Condition.operation(w, INET_DIAG_BC_JMP, OPERATION, OPERATION + b.length());
            b.write(w, failure - a.length() - OPERATION);
        }

        @Override
        public int families() {
            return a.families() | b.families();
        }

        @Override
        public String toString() {
            return "( " + a + " or " + b + " )";
        }
    }

    /** It does not apply. Where it would go on if it did, a jump goes where a failure is to go. */
    record Not(Condition a) implements Combination {
        @Override
        public int length() {
            return a.length() + OPERATION;
        }

        @Override
        public void write(MessageWriter w, int failure) {
            a.write(w, length());
            Condition.operation(w, INET_DIAG_BC_JMP, OPERATION, failure - a.length());
        }

        @Override
        public String toString() {
            return "not ( " + a + " )";
        }
    }
}
