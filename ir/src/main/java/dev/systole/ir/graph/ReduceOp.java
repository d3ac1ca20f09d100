package dev.systole.ir.graph;

/** What a reduction, a scan, a scatter or a window combines elements with. */
public enum ReduceOp {
    SUM,
    PROD,
    MAX,
    MIN;

    /** The printed name. */
    public String mnemonic() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** What combines two elements. */
    public BinaryOp combination() {
        return switch (this) {
            case SUM -> BinaryOp.ADD;
            case PROD -> BinaryOp.MUL;
            case MAX -> BinaryOp.MAX;
            case MIN -> BinaryOp.MIN;
        };
    }
}
