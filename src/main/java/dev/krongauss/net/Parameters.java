package dev.krongauss.net;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Random;
import java.util.ArrayList;
import java.util.List;

/** W_1 … W_L of a network, the last column of each the bias; the memory is the arena's. */
final class Parameters {
  private final Device device;
  private final List<Matrix> matrices = new ArrayList<>();

  /**
   * Draws Glorot-uniform weights, with zero biases; waits for the device.
   *
   * @param sizes d_0 … d_L
   */
  Parameters(Device device, Arena arena, int[] sizes, long seed) {
    this.device = device;
    Random random = new Random(device);
    for (int l = 1; l < sizes.length; l++) {
      Matrix W = arena.matrix(sizes[l], sizes[l - 1] + 1, "W" + l);
      matrices.add(W);
      float bound = (float) Math.sqrt(6.0 / (sizes[l - 1] + sizes[l]));
      random.uniform(device.stream(), seed, l, W.columns(sizes[l - 1]), -bound, bound);
    }
    device.stream().synchronize();
  }

  List<Matrix> matrices() {
    return matrices;
  }

  /** Number of weights, biases included. */
  long count() {
    return matrices.stream().mapToLong(W -> (long) W.rows() * W.columns()).sum();
  }

  /** See {@link Network#weights}. */
  float[][] download() {
    device.synchronize();
    return matrices.stream().map(W -> W.download(device.stream())).toArray(float[][]::new);
  }

  /** See {@link Network#setWeights}. */
  void upload(float[][] weights) {
    Check.that(
        weights.length == matrices.size(),
        "%d weight matrices for %d layers",
        weights.length,
        matrices.size());
    for (int l = 0; l < weights.length; l++) {
      check(weights[l], l);
    }
    device.stream().alone(() -> uploadAll(weights));
  }

  private void uploadAll(float[][] weights) {
    device.synchronize();
    for (int l = 0; l < weights.length; l++) {
      matrices.get(l).upload(weights[l], device.stream());
    }
  }

  private void check(float[] values, int layer) {
    Matrix W = matrices.get(layer);
    int wanted = W.rows() * W.columns();
    Check.that(
        values.length == wanted,
        "layer %d takes %d weights, not %d",
        layer + 1,
        wanted,
        values.length);
    for (int i = 0; i < wanted; i++) {
      Check.that(Float.isFinite(values[i]), "weight %d of layer %d is %s", i, layer + 1, values[i]);
    }
  }
}
