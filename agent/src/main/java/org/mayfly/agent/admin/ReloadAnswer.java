package org.mayfly.agent.admin;

import java.util.List;

/** @param changed one line for each thing that is different now */
public record ReloadAnswer(List<String> changed) {}
