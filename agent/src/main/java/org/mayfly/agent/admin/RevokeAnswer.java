package org.mayfly.agent.admin;

import java.util.List;

/**
 * What was ended.
 *
 * @param revoked ids of leases
 */
public record RevokeAnswer(List<String> revoked, int sessionsCut) {}
