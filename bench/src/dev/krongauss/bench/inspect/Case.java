package dev.krongauss.bench.inspect;

import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;

/**
 * A network, a batch and a damping.
 *
 * @param sizes d_0 … d_L
 * @param activation of the hidden layers
 * @param weights W_l {@code [d_l][d_{l-1} + 1]} row by row, the bias last
 * @param inputs {@code [N][d_0 + 1]} row by row, the last column 1
 * @param targets {@code [N][T]} row by row, as the loss takes them
 * @param gamma2 γ² of the factors is gamma2 + eta
 * @param eta L2 weight
 * @param exact whether the exact step is asked for, however large
 * @param sampledGradients ∂E/∂h_L at sampled targets, {@code [S][N·d_L]}; null for none
 */
record Case(
    int[] sizes,
    Activation activation,
    LossFunction loss,
    float[][] weights,
    float[] inputs,
    float[] targets,
    double gamma2,
    double eta,
    boolean exact,
    float[][] sampledGradients) {

  int layers() {
    return sizes.length - 1;
  }

  int inputWidth() {
    return sizes[0];
  }

  int outputs() {
    return sizes[layers()];
  }

  int datapoints() {
    return inputs.length / (inputWidth() + 1);
  }

  /** γ of the factors. */
  double gamma() {
    return Math.sqrt(gamma2 + eta);
  }
}
