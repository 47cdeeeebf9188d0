/**
 * Damping, factorisation and application of the Kronecker factors, and the step lengths of the
 * layers; usable without any other optimiser class.
 *
 * <table>
 * <caption>What there is</caption>
 * <tr><th>class</th><th>is for</th></tr>
 * <tr><td>{@link dev.krongauss.precondition.Preconditioner}</td><td>layers of matrices on the device:
 *     batches in, directions out</td></tr>
 * <tr><td>{@link dev.krongauss.precondition.PositionStatistics}</td><td>batches of layers whose
 *     weights are shared by several {@link dev.krongauss.precondition.Positions} of a datapoint, of
 *     embeddings, scales and shifts</td></tr>
 * <tr><td>{@link dev.krongauss.precondition.WeightSolve}</td><td>gradients in the layouts of their
 *     owner</td></tr>
 * <tr><td>{@link dev.krongauss.precondition.HostPreconditioner}</td><td>the same for arrays, buffers
 *     and addresses of the host</td></tr>
 * <tr><td>{@link dev.krongauss.precondition.LayerSteps}</td><td>one exact step length a layer</td></tr>
 * </table>
 *
 * <p>A trainer of one's own may capture its whole step: {@link
 * dev.krongauss.precondition.Preconditioner} and {@link dev.krongauss.precondition.LayerSteps} take
 * their memory and load their kernels as they are built, and what changes from step to step lies on
 * the device. A {@link dev.krongauss.net.Network} and the operations of a loss take memory with the
 * first batch, or before by their {@code reserve}.
 */
package dev.krongauss.precondition;
