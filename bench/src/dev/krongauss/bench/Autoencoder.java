package dev.krongauss.bench;

import dev.krongauss.device.Device;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Network;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The paper's autoencoder, D-1000-500-250-30-250-500-1000-D, tanh on the hidden layers and a linear
 * output, its hidden widths multiplied by a scale.
 *
 * @param sizes d_0 .. d_L
 */
record Autoencoder(int[] sizes) {
  private static final int[] HIDDEN = {1000, 500, 250, 30, 250, 500, 1000};

  /** Hidden widths are rounded half up and at least 1. */
  static Autoencoder of(int width, double scale) {
    int[] sizes = new int[HIDDEN.length + 2];
    for (int l = 0; l < HIDDEN.length; l++) {
      sizes[l + 1] = (int) Math.max(1, Math.floor(HIDDEN[l] * scale + 0.5));
    }
    sizes[0] = width;
    sizes[sizes.length - 1] = width;
    return new Autoencoder(sizes);
  }

  /** A fresh network; the same seed gives the same weights. */
  Network build(Device device, long seed) {
    Network.Builder builder = Network.input(sizes[0]);
    for (int l = 1; l < sizes.length - 1; l++) {
      builder.dense(sizes[l], Activation.TANH);
    }
    return builder.dense(sizes[sizes.length - 1], Activation.IDENTITY).build(device, seed);
  }

  /** Weights and biases. */
  long parameters() {
    long count = 0;
    for (int l = 1; l < sizes.length; l++) {
      count += (long) sizes[l] * (sizes[l - 1] + 1);
    }
    return count;
  }

  /** As 784-250-...-784. */
  @Override
  public String toString() {
    return Arrays.stream(sizes).mapToObj(Integer::toString).collect(Collectors.joining("-"));
  }
}
