package dev.systole.ir.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Texts as files hold them. */
public final class Utf8 {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private Utf8() {}

    /**
     * The text of a file's bytes, without a byte order mark at its beginning.
     *
     * @param source the file, as messages call it
     * @throws TextException at the first byte that is not UTF-8, or a NUL
     */
    public static String decode(String source, byte[] bytes) {
        var in = ByteBuffer.wrap(bytes);
        var out = CharBuffer.allocate(bytes.length);
        var result = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .decode(in, out, true);
        var text = out.flip().toString();
        int nul = text.indexOf('\0');
        if (nul >= 0) {
            throw new TextException(source, text, nul, "a NUL stands here; the file is not a text in UTF-8");
        }
        if (result.isError()) {
            throw new TextException(
                    source,
                    text,
                    text.length(),
                    "byte 0x%02x is not UTF-8; save the file as UTF-8".formatted(bytes[in.position()]));
        }
        return text.startsWith(BYTE_ORDER_MARK) ? text.substring(BYTE_ORDER_MARK.length()) : text;
    }
}
