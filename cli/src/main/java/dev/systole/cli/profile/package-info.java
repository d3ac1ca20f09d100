/**
 * What a run of a program does to the machine, told in the words of neuron-profile. All of it is read off the emulator's own timeline;
 * nothing here models a cost. {@link dev.systole.cli.profile.Profiler} watches a run, {@link dev.systole.cli.profile.Profile} is what it
 * saw.
 */
package dev.systole.cli.profile;
