/**
 * What the launch of {@code kernels/cholesky.cu} reads: the order of its tasks, and where the tiles
 * of each matrix are.
 *
 * <p>Public for {@link dev.krongauss.kernel.Cholesky} alone; no part of the API, and free to
 * change.
 */
package dev.krongauss.kernel.cholesky;
