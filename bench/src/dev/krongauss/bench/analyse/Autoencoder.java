package dev.krongauss.bench.analyse;

import dev.krongauss.data.Curves;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Network;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A tanh autoencoder of CURVES, of means over squares of pixels.
 *
 * @param side pixels a side, a divisor of {@link Curves#SIDE}
 * @param inner widths between input and output
 */
record Autoencoder(int side, int... inner) {
  /** All widths, with dashes. */
  String name() {
    return Arrays.stream(widths()).mapToObj(Integer::toString).collect(Collectors.joining("-"));
  }

  /** Pixels of a picture. */
  int inputs() {
    return side * side;
  }

  /** With the weights of seed 1. */
  Network network(Device device) {
    int[] widths = widths();
    Network.Builder builder = Network.input(widths[0]);
    for (int l = 1; l < widths.length; l++) {
      builder.dense(widths[l], l == widths.length - 1 ? Activation.IDENTITY : Activation.TANH);
    }
    return builder.build(device, 1);
  }

  /** 4,000 pictures. */
  Dataset pictures() {
    Dataset curves = Curves.generate(4000, 1);
    float[] means = new float[curves.size() * inputs()];
    for (int n = 0; n < curves.size(); n++) {
      for (int i = 0; i < inputs(); i++) {
        means[n * inputs() + i] = mean(curves.inputs(), n, i / side, i % side);
      }
    }
    return Dataset.autoencoder("curves " + side + " x " + side, means, inputs());
  }

  private float mean(float[] pixels, int n, int row, int column) {
    int square = Curves.SIDE / side;
    float sum = 0;
    for (int y = row * square; y < (row + 1) * square; y++) {
      for (int x = column * square; x < (column + 1) * square; x++) {
        sum += pixels[n * Curves.WIDTH + y * Curves.SIDE + x];
      }
    }
    return sum / (square * square);
  }

  private int[] widths() {
    int[] widths = new int[inner.length + 2];
    System.arraycopy(inner, 0, widths, 1, inner.length);
    widths[0] = inputs();
    widths[widths.length - 1] = inputs();
    return widths;
  }
}
