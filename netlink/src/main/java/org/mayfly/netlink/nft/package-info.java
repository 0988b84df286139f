/** nf_tables: tables, chains, rules, sets and their elements, changed in batches and read in dumps. */
@NullMarked
package org.mayfly.netlink.nft;

import org.jspecify.annotations.NullMarked;
