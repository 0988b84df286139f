/** The portable client: profiles, knocking, waiting for the door, connecting through it. Sockets of the JDK only. */
@NullMarked
package org.mayfly.knock.client;

import org.jspecify.annotations.NullMarked;
