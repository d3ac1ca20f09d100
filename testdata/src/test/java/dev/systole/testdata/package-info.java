/**
 * Tests of the whole: cases of passes and golden outputs that lie as files in {@code testdata}, random graphs that the interpreters and the
 * emulator must agree on, the command line, and real models where they are there.
 *
 * <p>{@code mvn verify -Dupdate.goldens=true} rewrites the files; the difference is reviewed like code.
 */
package dev.systole.testdata;
