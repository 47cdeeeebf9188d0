package dev.krongauss.net;

import dev.krongauss.kernel.Mixture.Curvature;
import dev.krongauss.model.LossFunction;
import java.util.Objects;

/**
 * The losses, each of one datapoint and summed over its outputs: built-in ones, weights for any,
 * and your own: on the host ({@link #onHost}), of residuals ({@link #residuals}), or in CUDA
 * ({@link CudaLoss}).
 *
 * <p>Of an output that the network is sure of, value, gradient and curvature are accurate relative
 * to their own size, to about the gap between the logits times 2⁻²⁴, as long as they are normal
 * floats: logits up to 80 apart; beyond, they lose digits and end as 0. The mean curvature of a
 * batch stays positive semidefinite to rounding.
 *
 * <p>Targets that come through {@code data.Batches} are checked before the first update. A batch of
 * your own in device memory is not, since that would wait for the device: {@link
 * LossFunction#check} does it where you want it.
 */
public final class Loss {
  private Loss() {}

  /** ½‖h − t‖². */
  public static LossFunction squared() {
    return new BuiltInLoss(dev.krongauss.kernel.Loss.Kind.SQUARED);
  }

  /**
   * Binary cross-entropy on logits, Σ softplus(h) − t h, with targets in [0, 1], grey ones
   * included.
   */
  public static LossFunction bernoulli() {
    return new BuiltInLoss(dev.krongauss.kernel.Loss.Kind.BERNOULLI);
  }

  /**
   * Cross-entropy on logits, logsumexp(h) − t·h, with one-hot or probability rows as targets, which
   * sum to 1 ± 1e-5.
   */
  public static LossFunction softmax() {
    return new BuiltInLoss(dev.krongauss.kernel.Loss.Kind.SOFTMAX);
  }

  /** How the curvature of {@link #mixture} is made positive semidefinite; both have rank one. */
  public enum Split {
    /**
     * Gauss-Newton at the probability of the target that was seen: ∇E ∇Eᵀ. It differs from the
     * Fisher, as in the paper's experiment with a non-exponential family.
     */
    OUTCOME,
    /** Gauss-Newton at the logit of p₁ = P(y = 1), ∇p₁ ∇p₁ᵀ / (p₁ (1 − p₁)): the Fisher. */
    LOGIT
  }

  /** {@link #mixture(Split)} with {@link Split#OUTCOME}. */
  public static LossFunction mixture() {
    return mixture(Split.OUTCOME);
  }

  /**
   * A mixture of two binary classifiers, with outputs h ∈ R³ and one column of targets y ∈ {0, 1}:
   * E = −log[σ(h₁) σ(s h₂) + σ(−h₁) σ(s h₃)], s = 2y − 1. Its Hessian always has a negative
   * eigenvalue; {@link LossFunction.OnDevice#hessianVector} is that Hessian, and all other
   * curvature the split.
   */
  public static LossFunction mixture(Split split) {
    return new MixtureLoss(
        switch (split) {
          case OUTCOME -> Curvature.OUTCOME;
          case LOGIT -> Curvature.LOGIT;
        });
  }

  /**
   * w_n E_n with a weight w_n ≥ 0 for each datapoint, the objective being 1/N Σ w_n E_n. The weight
   * is one more, last column of the targets. Averages over the datapoints inside of the curvature
   * are taken with the weights too, so that weight 2 is as the datapoint twice and weight 0 as the
   * datapoint left out (with N the number of rows given, in the objective).
   *
   * <p>A datapoint of weight 0 does not enter even if its loss is not finite; its inputs have to be
   * finite numbers all the same, and so does what the network makes of them. Its targets have to be
   * ones that the loss takes where they are checked: in {@code data.Batches} and {@link
   * LossFunction#check}.
   *
   * <p>The curvature methods hold a scaled copy of the activations for it, as large as these.
   *
   * @throws IllegalArgumentException if the loss has weights already, or couples rows; when it
   *     meets a network, if it has no square root of its curvature
   */
  public static LossFunction weighted(LossFunction loss) {
    return new WeightedLoss(Objects.requireNonNull(loss, "loss"));
  }

  /**
   * A nonlinear least-squares loss of your own residuals, which compute on the host: Levenberg and
   * Marquardt's setting. See {@link Residuals} for value, gradient and curvature, and {@link
   * CudaResiduals} for residuals in CUDA.
   *
   * <p>It knows first derivatives of the residuals alone: products with the literal Hessian are an
   * {@link UnsupportedOperationException}; products with the Gauss-Newton matrix are exact.
   */
  public static LossFunction residuals(Residuals residuals) {
    Objects.requireNonNull(residuals, "residuals");
    return residuals.rows() > 1 ? new StackedLoss(residuals) : onHost(new ResidualLoss(residuals));
  }

  /**
   * A loss of your own that computes on the host.
   *
   * @throws IllegalArgumentException if it is neither a {@link HostLoss.SquareRoot} nor a {@link
   *     HostLoss.MeanHessian}
   */
  public static LossFunction onHost(HostLoss loss) {
    return new HostLossFunction(Objects.requireNonNull(loss, "loss"));
  }
}
