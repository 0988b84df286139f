/** The command {@code mayfly}. */
@NullMarked
package org.mayfly.knock.cli;

import org.jspecify.annotations.NullMarked;
