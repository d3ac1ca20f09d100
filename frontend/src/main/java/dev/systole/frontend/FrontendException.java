package dev.systole.frontend;

import java.util.Optional;

/** A model or an array cannot be read. The message starts with a code, names the file and node, and says what to do. */
public final class FrontendException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String operator;

    public FrontendException(String code, String message) {
        super(code + " " + message);
        this.operator = "";
    }

    private FrontendException(FrontendException fault, String message, String operator) {
        super(message, fault.getCause());
        this.operator = operator;
    }

    /** The same fault, of a node of this operator. */
    public FrontendException of(String name) {
        return new FrontendException(this, getMessage(), name);
    }

    /** The same fault with a line more, which says what to do. */
    public FrontendException with(String line) {
        return new FrontendException(this, getMessage() + "\n  " + line, operator);
    }

    /** The operator of the node that is at fault, with its domain unless that is the default one, if it is known. */
    public Optional<String> operator() {
        return operator.isEmpty() ? Optional.empty() : Optional.of(operator);
    }
}
