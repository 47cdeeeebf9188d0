package dev.krongauss.bench.problem;

import dev.krongauss.device.Device;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Network;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A dense network with one activation on all hidden layers and a linear output. The paper's: tanh,
 * the autoencoder D-1000-500-250-30-250-500-1000-D, and the classifier D-1000-500-250-30-3 that
 * ends in a mixture of two binary classifiers; a scale multiplies their hidden widths.
 *
 * @param sizes d_0 .. d_L
 * @param activation of the hidden layers
 */
public record NetworkShape(int[] sizes, Activation activation) {
  /** More would not fit into any memory. */
  public static final double MOST_SCALE = 100;

  private static final int[] ENCODER = {1000, 500, 250, 30};
  private static final int[] DECODER = {250, 500, 1000};
  private static final int MIXTURE_OUTPUTS = 3;

  /**
   * The paper's autoencoder; hidden widths are rounded half up and at least 1.
   *
   * @param width of inputs and outputs
   * @param scale multiplies the hidden widths
   */
  public static NetworkShape autoencoder(int width, double scale) {
    return scaled(
        width, IntStream.concat(Arrays.stream(ENCODER), Arrays.stream(DECODER)), scale, width);
  }

  /**
   * The encoder with three outputs: the gate and two classifiers.
   *
   * @param width of the inputs
   * @param scale multiplies the hidden widths
   */
  public static NetworkShape mixture(int width, double scale) {
    return scaled(width, Arrays.stream(ENCODER), scale, MIXTURE_OUTPUTS);
  }

  /**
   * Any hidden widths.
   *
   * @param hidden d_1 .. d_{L-1}; empty for a linear model
   */
  public static NetworkShape of(
      int inputs, List<Integer> hidden, Activation activation, int outputs) {
    IntStream widths = hidden.stream().mapToInt(Integer::intValue);
    return new NetworkShape(joined(inputs, widths, outputs), activation);
  }

  private static NetworkShape scaled(int inputs, IntStream hidden, double scale, int outputs) {
    IntStream widths = hidden.map(d -> (int) Math.max(1, Math.floor(d * scale + 0.5)));
    return new NetworkShape(joined(inputs, widths, outputs), Activation.TANH);
  }

  private static int[] joined(int inputs, IntStream hidden, int outputs) {
    return IntStream.concat(IntStream.concat(IntStream.of(inputs), hidden), IntStream.of(outputs))
        .toArray();
  }

  /** A fresh network, which the caller closes; the same seed gives the same weights. */
  public Network build(Device device, long seed) {
    Network.Builder builder = Network.input(sizes[0]);
    for (int l = 1; l < sizes.length - 1; l++) {
      builder.dense(sizes[l], activation);
    }
    return builder.dense(sizes[sizes.length - 1], Activation.IDENTITY).build(device, seed);
  }

  /** Number of weights and biases. */
  public long parameters() {
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
