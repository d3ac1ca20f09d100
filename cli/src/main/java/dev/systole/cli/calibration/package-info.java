/**
 * Kernels whose time on the real chip is published, written instruction for instruction, and the bench that holds the modelled timeline
 * against the measured one. Nothing here is compiled: what an engine does, and in which order, is the kernel's.
 */
package dev.systole.cli.calibration;
