package dev.krongauss.optim;

import java.util.Locale;

/** The stages of an update, in their order; an update has those that its method and kind need. */
public enum Phase {
  /** The batch: its upload and its checks. */
  BATCH,
  /** Forward pass. */
  FORWARD,
  /** Loss, its derivative at the outputs, ‖θ‖². */
  LOSS,
  /** Backward pass and gradients. */
  BACKWARD,
  /** Kronecker factors and their moving averages; with KFAC its sampled backward pass. */
  FACTORS,
  /** Damping, factorisation and inversion of the factors. */
  FACTORISE,
  /** The two-sided product with the inverses. */
  SOLVE,
  /** Instead of the two before and the curvature: three γ are factorised, solved and measured. */
  GAMMA,
  /** Curvatures of the factors and blocks, where they are asked for. */
  DIAGNOSTICS,
  /** Exact curvature along the direction, a forward-mode pass, and the step size. */
  RESCALE,
  /** The change of the weights, moments and averages. */
  UPDATE,
  /** A forward pass and the loss with the new weights, and λ. */
  REDUCTION;

  /** In small letters. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
