/** What leads from IPv6 to hosts that have IPv4 only: addresses of RFC 6052, and names to them by DNS64 (RFC 6147). */
@NullMarked
package org.mayfly.agent.translate;

import org.jspecify.annotations.NullMarked;
