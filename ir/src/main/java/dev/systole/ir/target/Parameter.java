package dev.systole.ir.target;

/**
 * One parameter of a target as it is shown.
 *
 * @param group part of the machine that it describes, such as {@code tensor}
 * @param key name in the file, with its unit
 * @param value as JSON
 * @param unit such as {@code B}, {@code B/s}, {@code s}, {@code Hz}, {@code cycles}; empty for counts and names
 */
public record Parameter(String group, String key, String value, String unit, Provenance provenance) {}
