package org.mayfly.agent.admin;

import com.google.gson.JsonElement;
import java.util.concurrent.CompletionStage;

/** Carries out what was asked. */
public interface AdminHandler {
    /**
     * Called on the admin server's thread, so it hands the work to the agent's loop and returns at once. The peer has
     * been found to be allowed to ask this.
     *
     * @return the result, in the shape that the {@link AdminCommand} documents; or fails, with an
     *     {@link AdminException} for what the user is to be told
     */
    CompletionStage<JsonElement> handle(AdminRequest request, Peer peer);

    /**
     * Called likewise, for a command that is {@link AdminCommand#streaming}: puts events into the stream from now on, from
     * whatever thread, until that says that nobody is there.
     *
     * @throws AdminException for what the user is to be told instead
     */
    default void follow(AdminRequest request, Peer peer, AdminStream stream) {
        throw new AdminException(ExitStatus.FAILED, "this agent tells of nothing as it happens; ask for: status");
    }
}
