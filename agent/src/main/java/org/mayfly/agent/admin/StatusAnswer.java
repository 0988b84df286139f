package org.mayfly.agent.admin;

import com.google.gson.annotations.SerializedName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the agent is.
 *
 * @param since when it started
 * @param mode {@code address} or {@code anyip}; null while there is no prefix to take doors from
 * @param modeReason the sentence why that mode
 * @param prefix where doors lie
 * @param listen such as {@code udp [::]:62201}
 * @param gate how far towards the wire junk is refused
 * @param services how many are configured
 * @param clients how many there are
 * @param refusingUntil when knocks are taken again, if replay marks were lost; else null
 * @param warnings what an operator should see, one line each
 */
public record StatusAnswer(
        String version,
        long pid,
        Instant since,
        @Nullable String mode,
        @Nullable String modeReason,
        @Nullable String prefix,
        @SerializedName("interface") @Nullable String interfaceName,
        List<String> listen,
        Gate gate,
        int services,
        int clients,
        Leases leases,
        Doors doors,
        Knocks knocks,
        @Nullable Instant refusingUntil,
        List<String> warnings) {

    /**
     * @param asked {@code [listen] gate}
     * @param inForce {@code xdp} on an interface, and at the sockets; {@code socket}; {@code length}, if the kernel looks
     *     at the length only; {@code user}, if it looks at nothing. The agent checks each packet in any case
     * @param interfaceName where the XDP program is; else null
     * @param xdp {@code native} in the driver, or {@code generic} behind it; else null
     * @param reason why there is no more than there is; null if there is what was asked for
     */
    public record Gate(
            String asked,
            String inForce,
            @SerializedName("interface") @Nullable String interfaceName,
            @Nullable String xdp,
            @Nullable String reason) {}

    /**
     * @param pending those whose door the kernel has not put up yet
     * @param active those that let new connections through
     * @param session those whose window is over, with a session still up
     */
    public record Leases(int pending, int active, int session) {}

    /**
     * @param taken how many leases count, all clients together
     * @param limit how many may; a knock beyond it is refused as {@code doors}
     */
    public record Doors(int taken, int limit) {}

    /**
     * @param refused how many packets were refused, by verdict, in the kernel or by the agent; verdicts that never were may
     *     be left out
     */
    public record Knocks(long accepted, Map<String, Long> refused) {}
}
