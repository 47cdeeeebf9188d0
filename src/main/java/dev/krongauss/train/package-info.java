/**
 * Training to an end: the loop around an optimiser, and evaluation on held-out rows.
 *
 * <p>{@link dev.krongauss.train.Evaluation} gives {@link dev.krongauss.train.Scores} of a network
 * without disturbing its training. {@link dev.krongauss.train.Training} takes batches to a limit of
 * updates, epochs or seconds, evaluates in between, ends early where nothing gets better, and
 * leaves the best weights in the network.
 *
 * <p>Sums are made in double on the host from the outputs and losses that the device computes in
 * FP32. Definitions are those of scikit-learn 1.x, but for two: R² of a constant target is NaN and
 * left out of the mean, and an AUC over several outputs or classes leaves out those with one kind
 * of target.
 */
package dev.krongauss.train;
