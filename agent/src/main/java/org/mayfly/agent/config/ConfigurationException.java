package org.mayfly.agent.config;

import java.util.List;

/** The configuration cannot be used. Each line says where, what is wrong, and what was expected. */
public final class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> errors;

    public ConfigurationException(List<String> errors) {
        super(String.join("; ", errors));
        this.errors = List.copyOf(errors);
    }

    /** One line each. */
    public List<String> errors() {
        return errors;
    }
}
