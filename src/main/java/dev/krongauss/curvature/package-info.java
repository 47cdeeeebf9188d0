/**
 * Curvature of a batch: Kronecker factors of its Gauss-Newton matrix for training, and exact second
 * derivatives, which the factors are held against.
 *
 * <table>
 * <caption>What there is</caption>
 * <tr><th>class</th><th>gives</th><th>memory</th></tr>
 * <tr><td>{@link dev.krongauss.curvature.FactorEngine}, {@link dev.krongauss.curvature.Factors}</td>
 *     <td>Q_l and G_l of a layer by KFAC, KFLR or KFRA, two switches of one engine, and their moving
 *     averages</td><td>Σ d_l²</td></tr>
 * <tr><td>{@link dev.krongauss.curvature.GaussNewtonProduct}</td><td>the whole Gauss-Newton matrix
 *     times a direction, exact; and its quadratic form, which rescales each update</td>
 *     <td>N d_L beside the model's own</td></tr>
 * <tr><td>{@link dev.krongauss.curvature.HessianProduct}</td><td>the whole Hessian times a
 *     direction, exact</td><td>N Σ d_l</td></tr>
 * <tr><td>{@link dev.krongauss.curvature.ExactSystem}</td><td>the whole damped Gauss-Newton matrix,
 *     factorised, and the step that solves it: in the space of residuals or of weights</td>
 *     <td>(N K)² or P², {@link dev.krongauss.curvature.ExactMemory}</td></tr>
 * <tr><td>{@link dev.krongauss.curvature.CurvatureBlocks}</td><td>for small networks: the exact
 *     block of a layer, of Gauss-Newton or Hessian, and what it is made of, the pre-activation
 *     curvature of each datapoint</td><td>(d_l (d_{l-1} + 1))²</td></tr>
 * </table>
 *
 * <p>All of it knows a network as {@link dev.krongauss.model.Model} and {@link
 * dev.krongauss.model.LayerTrace} only. Gauss-Newton needs of a loss {@code curvatureVector}, the
 * Hessian {@code hessianVector} and of hidden layers {@code secondDerivative}. What holds between
 * these: for piecewise-linear f the blocks of both are equal; of one datapoint KFRA's and KFLR's Q
 * ⊗ G is the block; the mean over the datapoints of the pre-activation Gauss-Newton is KFLR's G.
 */
package dev.krongauss.curvature;
