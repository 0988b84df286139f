/** What a packet costs, piece by piece and as a whole: benchmarks for JMH, run by {@code packaging/bench hash}. */
@NullMarked
package org.mayfly.bench;

import org.jspecify.annotations.NullMarked;
