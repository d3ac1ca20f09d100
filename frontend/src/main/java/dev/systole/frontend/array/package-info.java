/** Arrays in NumPy's file formats, .npy (versions 1 to 3) and .npz, and in .safetensors. */
package dev.systole.frontend.array;
