/**
 * The kernels as Java calls: one launcher for each file of {@code kernels/}, each method reading
 * checks → grid → launch.
 *
 * <p>Every method enqueues on the stream that is its first argument and returns at once. Shapes and
 * aliasing are checked before anything is launched ({@link java.lang.IllegalArgumentException} with
 * the values and the way out); what goes wrong on the device appears at a later synchronisation.
 * Launchers hold function handles only: they own no memory, and one instance may be shared by
 * threads that use streams of their own. {@link dev.krongauss.kernel.Chain}, {@link
 * dev.krongauss.kernel.Passes} and plans of {@link dev.krongauss.kernel.Cholesky} are the
 * exception: they keep counters in memory of an arena given to them, and belong to one stream.
 *
 * <p>Letters are those of {@link dev.krongauss}: rows of a matrix are datapoints, {@code W} carries
 * the bias as its last column, of a symmetric matrix the lower triangle is read. Letters without a
 * meaning there (A, B, C, M, N, K) are those of BLAS.
 */
package dev.krongauss.kernel;
