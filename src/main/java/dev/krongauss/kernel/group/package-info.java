/**
 * Several matrices in one launch: the Java side of {@code kernels/groups.cuh} and, for element-wise
 * kernels, {@code kernels/rows.cuh}, for passes through layers {@code kernels/chain.cu}.
 *
 * <p>Public for the launchers in {@link dev.krongauss.kernel} alone; no part of the API, and free
 * to change.
 */
package dev.krongauss.kernel.group;
