package dev.krongauss.bench.update;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Updates of the exact step over updates of KFRA, measured in turns, beside what {@code auto()}
 * predicts: {@code bench/run dev.krongauss.bench.update.ExactUpdates}.
 */
public final class ExactUpdates {
  private static final int ROUNDS = 5;
  private static final int UPDATES = 5;

  /** Rows of a batch, and the widths. */
  private static final int[][] SHAPES = {
    {60, 3, 4, 2},
    {200, 2, 10, 1},
    {1000, 1, 10, 1},
    {1000, 1, 30, 30, 1},
    {2000, 8, 10, 1},
    {2000, 8, 40, 1},
    {4177, 8, 20, 20, 1},
    {2000, 16, 30, 30, 10},
  };

  private ExactUpdates() {}

  /** Prints a line a shape. */
  public static void main(String[] arguments) {
    System.out.println("rows and widths            P      predicted  measured (range)");
    try (Device device = Device.open()) {
      for (int[] shape : SHAPES) {
        line(device, shape);
      }
    }
  }

  private static void line(Device device, int[] shape) {
    Dataset data = data(shape);
    try (Network one = network(device, shape);
        Network other = network(device, shape);
        Batches batches = Batches.of(device, data, shape[0], 1);
        Optimizer kfra = GaussNewton.kfra().build(one, Loss.squared());
        Optimizer exact = GaussNewton.exact().build(other, Loss.squared());
        Optimizer auto = GaussNewton.auto().build(one, Loss.squared())) {
      double[] ratios = new double[ROUNDS];
      for (int round = -1; round < ROUNDS; round++) {
        double time = seconds(exact, batches) / seconds(kfra, batches);
        if (round >= 0) {
          ratios[round] = time;
        }
      }
      auto.step(batches.next());
      Arrays.sort(ratios);
      String predicted = auto.choice().replaceAll(".*update costs ([0-9.e+]+) of.*", "$1");
      System.out.printf(
          Locale.ROOT,
          "%-26s %-6d %-10s %.2f (%.2f to %.2f), %d and %d launches%n",
          Arrays.toString(shape),
          parameters(shape),
          predicted,
          ratios[ROUNDS / 2],
          ratios[0],
          ratios[ROUNDS - 1],
          exact.graphNodes(),
          kfra.graphNodes());
    }
  }

  private static double seconds(Optimizer optimizer, Batches batches) {
    long begin = System.nanoTime();
    for (int k = 0; k < UPDATES; k++) {
      optimizer.step(batches.next());
    }
    optimizer.model().device().synchronize();
    return 1e-9 * (System.nanoTime() - begin);
  }

  private static Network network(Device device, int[] shape) {
    Network.Builder builder = Network.input(shape[1]);
    for (int l = 2; l < shape.length; l++) {
      builder.dense(shape[l], l == shape.length - 1 ? Activation.IDENTITY : Activation.TANH);
    }
    return builder.build(device, 1);
  }

  private static int parameters(int[] shape) {
    int P = 0;
    for (int l = 2; l < shape.length; l++) {
      P += shape[l] * (shape[l - 1] + 1);
    }
    return P;
  }

  /** Sines of sums of inputs, with noise. */
  private static Dataset data(int[] shape) {
    SplittableRandom random = new SplittableRandom(1);
    int outputs = shape[shape.length - 1];
    float[] x = new float[shape[0] * shape[1]];
    float[] t = new float[shape[0] * outputs];
    for (int n = 0; n < shape[0]; n++) {
      double sum = 0;
      for (int i = 0; i < shape[1]; i++) {
        x[n * shape[1] + i] = (float) (2 * random.nextDouble() - 1);
        sum += x[n * shape[1] + i];
      }
      for (int o = 0; o < outputs; o++) {
        t[n * outputs + o] = (float) (Math.sin((o + 1) * sum) + 0.1 * random.nextGaussian());
      }
    }
    return Dataset.supervised("sines", x, shape[1], t, outputs);
  }
}
