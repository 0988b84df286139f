/** The knock: packet, codec, gate hash, request, address derivation. Plain Java, so that any client can carry it. */
@NullMarked
package org.mayfly.knock;

import org.jspecify.annotations.NullMarked;
