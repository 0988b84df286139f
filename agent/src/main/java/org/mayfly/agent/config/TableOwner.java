package org.mayfly.agent.config;

import java.util.Locale;

/** {@code [kernel] owner}: who may change our nftables table. */
public enum TableOwner {
    /** The agent alone, where the kernel can see to that ({@code NFT_TABLE_F_OWNER} and {@code PERSIST}). */
    AUTO,
    /** Whoever may change nftables; what others change is put back. */
    NOBODY;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
