package org.mayfly.agent.translate;

/**
 * What became of the queries to a DNS64 forwarder, since it was made.
 *
 * @param waiting for an answer now
 * @param queries that were admitted, well-formed or not
 * @param refused from somebody who may not ask; they get no answer
 * @param malformed that could not be read
 * @param overloaded that were turned away since too many were waiting
 * @param synthesised that were answered with addresses made from A records
 * @param unanswered times that no resolver answered a question in time
 * @param mismatched packets that came for an answer and were none to what was asked: forged, or late
 */
public record Dns64Counts(
        int waiting,
        long queries,
        long refused,
        long malformed,
        long overloaded,
        long synthesised,
        long unanswered,
        long mismatched) {}
