/**
 * The instruction set: what a NeuronCore executes, with the names and semantics of the public nki.isa documentation.
 *
 * <p>An {@link dev.systole.trainium.isa.Instruction} is a record of {@link dev.systole.trainium.isa.Access access
 * patterns} and parameters; its engine, the accesses it reads and the accesses it writes follow from it. A {@link
 * dev.systole.trainium.isa.Program} holds one stream of {@link dev.systole.trainium.isa.Issue issues} for each engine of
 * each core: an issue adds to an instruction the semaphores it waits for, the one it raises, and the model node it
 * serves. The limits of a target ({@link dev.systole.trainium.isa.Limits}) and the cost of an instruction ({@link
 * dev.systole.trainium.isa.Cost}) are here too, and nowhere else.
 *
 * <p>Before allocation accesses name virtual tiles and buffers, after it addresses; the instruction records are the
 * same. Nothing here knows how programs are made or run.
 */
package dev.systole.trainium.isa;
