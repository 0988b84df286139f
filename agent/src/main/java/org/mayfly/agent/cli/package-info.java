/** What people type: {@code mayflyctl}, which asks the agent over its socket, and the options of {@code mayflyd}. */
@NullMarked
package org.mayfly.agent.cli;

import org.jspecify.annotations.NullMarked;
