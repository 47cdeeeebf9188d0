/**
 * Optimisers: Gauss-Newton with Kronecker factors, and the first-order methods it is compared with.
 *
 * <p>{@link dev.krongauss.optim.GaussNewton} gives each layer a step length of its own, exact for
 * the layers together on a part of the batch, to a direction that is solved for an average of the
 * gradient; {@code scalarStep()} is the paper's algorithm, the gradient of the batch and one length
 * for all layers. {@link dev.krongauss.optim.StepReport} tells what an update did, the layers'
 * lengths and their damping κ among it; {@link dev.krongauss.optim.AveragedWeights} is the average
 * of the weights, {@link dev.krongauss.optim.Evaluation} the loss of either without a step.
 *
 * <p>An update takes no decision by a value on the host. So its calls are captured as a graph, once
 * for each kind of update and shape of batch, and replayed: a step is a copy of the batch, one
 * graph launch and a copy of the report, without waiting and without allocating.
 */
package dev.krongauss.optim;
