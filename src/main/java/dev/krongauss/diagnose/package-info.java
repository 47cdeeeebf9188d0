/**
 * Which convention a trainer breaks: what it exports of a batch, held against what {@link
 * dev.krongauss.diagnose.Fault} after fault would make of it.
 *
 * <p>The identity behind all of it, for a layer h = W ā and the mean loss of N datapoints with T
 * positions each (one, unless weights are shared):
 *
 * <pre>
 * ∂f/∂W = 1/N Σ_r δ_r ā_rᵀ,   r = 0 … N·T − 1
 * </pre>
 *
 * with δ = ∂E/∂h of each datapoint's own loss. Both sides are on the host, the right one is summed
 * in double, and they have to agree as closely as sums in the trainer's arithmetic do ({@link
 * dev.krongauss.diagnose.Rounding}).
 */
package dev.krongauss.diagnose;
