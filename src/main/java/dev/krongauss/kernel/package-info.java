/**
 * The kernels as Java calls: one launcher for each file of {@code kernels/}, each method reading
 * checks → grid → launch.
 *
 * <p>Every method enqueues on the stream that is its first argument and returns at once. Shapes and
 * aliasing are checked before anything is launched ({@link java.lang.IllegalArgumentException} with
 * the values and the way out); what goes wrong on the device appears at a later synchronisation.
 * Launchers hold function handles only: they own no memory, and one instance may be shared by
 * threads that use streams of their own. {@link dev.krongauss.kernel.Chain}, {@link
 * dev.krongauss.kernel.operations.Passes} and plans of {@link dev.krongauss.kernel.Cholesky} are
 * the exception: they keep counters in memory of an arena given to them, and belong to one stream.
 *
 * <p>A class here has a kernel of its name, {@code Gram} is {@code gram.cu}. What is no launcher is
 * in a package of its own: {@code kernel.operations} chooses between launchers and libraries and is
 * above them; {@code kernel.argument}, {@code kernel.group}, {@code kernel.cholesky}, {@code
 * kernel.tuning} and, below those, {@code kernel.tile} are what launchers share.
 *
 * <p>Letters are those of {@link dev.krongauss}: rows of a matrix are datapoints, {@code W} carries
 * the bias as its last column, of a symmetric matrix the lower triangle is read. Letters without a
 * meaning there (A, B, C, M, N, K) are those of BLAS.
 */
package dev.krongauss.kernel;
