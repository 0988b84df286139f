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
}
