package dev.systole.frontend.sy;

import java.util.ArrayList;
import java.util.List;

/** Ends the evaluation of an expression or a statement. Who goes on with the next reports the fault. */
final class SyError extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int MOST_CALLS = 3;

    private final transient Fault fault;

    SyError(String code, Site site, String message, List<String> hints) {
        super(message, null, false, false);
        var all = new ArrayList<>(hints);
        var caller = site.frame().caller();
        for (int i = 0; i < MOST_CALLS && caller.isPresent(); i++) {
            var at = caller.get().site();
            all.add("in " + caller.get().function() + ", called at line "
                    + at.span().line() + ", column " + (at.span().column() + 1));
            caller = at.frame().caller();
        }
        this.fault = new Fault(code, site.span(), message, all);
    }

    SyError(String code, Site site, String message) {
        this(code, site, message, List.of());
    }

    Fault fault() {
        return fault;
    }
}
