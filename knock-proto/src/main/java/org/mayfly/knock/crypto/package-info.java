/** Keys of a knock: Tink keysets of HKDF keys, sealing and opening. */
@NullMarked
package org.mayfly.knock.crypto;

import org.jspecify.annotations.NullMarked;
