/**
 * Proof that the checks of SoftCUDA and the bounds of the kernel cases stop wrong kernels: single
 * edits of {@code kernels/}, listed in {@code native/mutation/mutants.txt}, of which each must be
 * stopped, while the kernels as they are raise nothing. {@code native/mutants} runs it.
 */
package dev.krongauss.mutation;
