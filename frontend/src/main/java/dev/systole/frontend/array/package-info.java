/** Arrays in NumPy's file formats, .npy (versions 1 to 3) and .npz. */
package dev.systole.frontend.array;
