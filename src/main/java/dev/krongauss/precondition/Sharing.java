package dev.krongauss.precondition;

/**
 * How the curvature of a layer whose weights are applied at T positions of a datapoint (time steps,
 * tokens, patches of an image) falls into two Kronecker factors. With activations a_{nt} and square
 * roots c_{nt} of position t of datapoint n:
 *
 * <p>Source: Eschenhagen, Immer, Turner, Schneider, Hennig, "Kronecker-Factored Approximate
 * Curvature for Modern Neural Network Architectures", NeurIPS 2023 (arXiv 2311.00636), sections on
 * K-FAC-expand and K-FAC-reduce. At T = 1 both are the layer without sharing.
 */
public enum Sharing {
  /**
   * Every position counts as a datapoint: Q = 1/Z Σ a aᵀ over the Z positions, G = 1/Z Σ c cᵀ where
   * the objective is the mean over the positions, and 1/N Σ c cᵀ where it is the mean over the N
   * datapoints of the sum over positions ({@link Positions#summed}). For losses at every position,
   * as those of a language model: exact then for a deep linear network with a squared loss.
   */
  EXPAND,
  /**
   * Positions are reduced to one row before the products: Q = 1/N Σ_n ā_n ā_nᵀ with the mean ā_n
   * over the positions of a datapoint, G = 1/N Σ_n c̄_n c̄_nᵀ with the sum c̄_n. For losses of a
   * datapoint whose positions were averaged or summed, as those of an image or of a sentence: exact
   * then for a deep linear network with a squared loss, where padding is left out of an average, or
   * all datapoints have as many positions. T times fewer rows than {@link #EXPAND}.
   */
  REDUCE
}
