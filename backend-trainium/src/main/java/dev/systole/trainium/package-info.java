/**
 * The compiler for NeuronCores: {@link dev.systole.trainium.Compiler} holds the whole pipeline as one list, from graph passes
 * to the program.
 */
package dev.systole.trainium;
