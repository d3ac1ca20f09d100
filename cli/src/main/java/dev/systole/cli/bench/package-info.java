/**
 * The quality of compiled code: workloads that the project names, what they take by the emulator's timeline, and what the machine could do at
 * best. {@link dev.systole.cli.bench.Roofline} is the yardstick; it knows the model and the machine, never the program.
 */
package dev.systole.cli.bench;
