package org.mayfly.agent.admin;

/** A rule of our table in the kernel, and what it has counted. */
public record RuleAnswer(String comment, long packets, long bytes) {}
