/** The first check of a packet, in the kernel: as a filter of the socket, and on the interface before all else. */
@NullMarked
package org.mayfly.agent.gate;

import org.jspecify.annotations.NullMarked;
