package dev.krongauss.net;

import dev.krongauss.device.Check;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Layers of a network without their weights.
 *
 * @param sizes d_0 … d_L
 * @param activations f_1 … f_L
 */
record Architecture(int[] sizes, List<Activation> activations) {
  /** Checks the sizes. */
  Architecture {
    Check.that(
        sizes.length >= 2 && activations.size() == sizes.length - 1,
        "%d sizes and %d activations; a network of L layers has L + 1 and L",
        sizes.length,
        activations.size());
    for (int size : sizes) {
      Check.that(size >= 1, "a layer with %d units; at least 1 is needed", size);
    }
    Activation last = activations.get(activations.size() - 1);
    Check.that(
        last == Activation.IDENTITY, "the output layer has activation %s, not the identity", last);
  }

  int layers() {
    return activations.size();
  }

  /** d_l, rows of W_l. */
  int rows(int l) {
    return sizes[l];
  }

  /** d_{l-1} + 1, columns of W_l. */
  int columns(int l) {
    return Check.count(sizes[l - 1] + 1L, "columns of W" + l);
  }

  /**
   * Checks the weights of layer l.
   *
   * @throws IllegalArgumentException naming the first that is not finite
   */
  void checkFinite(float[] weights, int l) {
    for (int i = 0; i < weights.length; i++) {
      Check.that(
          Float.isFinite(weights[i]),
          "W%d[%d][%d] is %s, and every weight must be a finite number: did training diverge?",
          l,
          i / columns(l),
          i % columns(l),
          weights[i]);
    }
  }

  /** As {@code 784-100-10 (tanh, identity)}. */
  @Override
  public String toString() {
    return Arrays.stream(sizes).mapToObj(Integer::toString).collect(Collectors.joining("-"))
        + activations.stream().map(Activation::text).collect(Collectors.joining(", ", " (", ")"));
  }
}
