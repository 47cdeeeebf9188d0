/**
 * Optimisers: Gauss-Newton with Kronecker factors, and the first-order methods it is compared with.
 *
 * <p>{@link dev.krongauss.optim.GaussNewton} gives each layer a step length of its own, exact for
 * the layers together on a part of the batch, to a direction that is solved for an average of the
 * gradient; {@code scalarStep()} is the paper's algorithm, the gradient of the batch and one length
 * for all layers. {@link dev.krongauss.optim.StepReport} tells what an update did, the layers'
 * lengths and their damping κ among it, at once or late ({@link dev.krongauss.optim.LateReports});
 * {@link dev.krongauss.optim.AveragedWeights} is the average of the weights.
 *
 * <p>{@link dev.krongauss.optim.ExactGaussNewton}, by {@code GaussNewton.exact()}, is
 * Levenberg-Marquardt's step: the full Gauss-Newton matrix of the batch, all layers together, for
 * networks or batches that are small. Let z be the residuals, S z the outputs' gradient, B = Sᵀ J
 * one row a residual, μ = λ + η and u the rest of the gradient, η θ among it. It is solved in the
 * space of residuals, (BBᵀ / N + μI) y = z − B u / μ and Δ = −u / μ − Bᵀ y / N, or in that of
 * weights, (BᵀB / N + μI) Δ = −g, whichever matrix is smaller: the inverse in floats is the
 * preconditioner of conjugate gradients in double, and {@link
 * dev.krongauss.optim.StepReport#solveError} tells what is left. Each update is evaluated again: λ
 * follows the reduction ratio by Nielsen's rule, a step that led up is taken back, and one that
 * finds nothing to gain says {@link dev.krongauss.optim.StepReport#converged}.
 *
 * <p>An update takes no decision by a value on the host. So its calls are captured as a graph, once
 * for each kind of update and shape of batch, and replayed: a step is a copy of the batch where it
 * does not lie on the device, one graph launch and a copy of the report, without waiting and
 * without allocating; {@link dev.krongauss.optim.Optimizer#advance} leaves nothing on the Java heap
 * either. With other ranks it is several graphs, and calls to them in between.
 */
package dev.krongauss.optim;
