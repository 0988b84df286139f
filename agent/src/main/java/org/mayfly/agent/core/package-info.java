/**
 * The decisions: which packet is a knock, who may open what, what lives how long. Plain Java without sockets, threads,
 * locks or a clock of its own, so that a sequence of events can be replayed exactly.
 */
@NullMarked
package org.mayfly.agent.core;

import org.jspecify.annotations.NullMarked;
