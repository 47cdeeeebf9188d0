package dev.krongauss.testing;

import dev.krongauss.device.Device;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.reference.ReferenceTransfer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A network with random weights and a random batch, twice: on the device and as a reference. All
 * numbers are floats, so that both see the same ones.
 */
public final class Problem implements AutoCloseable {
  private final Setup setup;
  private final Network network;
  private final double[][] X;
  private final double[][] T;
  private final DeviceBatch batch;

  /** A hidden activation on both sides. */
  public enum Unit {
    IDENTITY(Activation.IDENTITY, ReferenceTransfer.IDENTITY),
    TANH(Activation.TANH, ReferenceTransfer.TANH),
    LOGISTIC(Activation.LOGISTIC, ReferenceTransfer.LOGISTIC),
    RELU(Activation.RELU, ReferenceTransfer.RELU),
    LEAKY_RELU(Activation.leakyRelu(0.125f), ReferenceTransfer.leakyRelu(0.125)),
    SOFTPLUS(Activation.SOFTPLUS, ReferenceTransfer.SOFTPLUS);

    private final Activation device;
    private final ReferenceTransfer reference;

    Unit(Activation device, ReferenceTransfer reference) {
      this.device = device;
      this.reference = reference;
    }
  }

  /** A description: what is random follows from the seed. */
  public record Setup(ReferenceLoss loss, Unit unit, int datapoints, long seed, int... sizes) {
    /** Builds it on the shared device. */
    public Problem open(Operations.Mode mode) {
      return new Problem(this, mode, TestDevice.get());
    }

    /**
     * Roundings on the longest path forward and back: a sum over every layer's inputs, one over its
     * outputs.
     */
    public int path() {
      return 2 * Arrays.stream(sizes).sum() + 20 * sizes.length + datapoints;
    }

    @Override
    public String toString() {
      return String.format("%s %s N=%d %s", loss, unit, datapoints, Arrays.toString(sizes));
    }
  }

  private Problem(Setup setup, Operations.Mode mode, Device device) {
    this.setup = setup;
    int[] sizes = setup.sizes();
    Network.Builder builder = Network.input(sizes[0]).operations(mode); // null: the default
    for (int l = 1; l < sizes.length; l++) {
      builder.dense(sizes[l], l == sizes.length - 1 ? Activation.IDENTITY : setup.unit().device);
    }
    network = builder.build(device, setup.seed());
    SplittableRandom random = new SplittableRandom(setup.seed());
    network.setWeights(randomWeights(sizes, random));
    X = random(setup.datapoints(), sizes[0], random);
    T = targets(setup, random);
    batch = DeviceBatch.of(device, X, T);
  }

  /** Every mode that this machine can run: the kernels, and the libraries where they load. */
  public static List<Operations.Mode> modes() {
    Device device = TestDevice.get();
    boolean libraries = device.blas().isPresent() && device.solver().isPresent();
    return List.of(
        Operations.Mode.KERNELS, libraries ? Operations.Mode.LIBRARIES : Operations.Mode.AUTO);
  }

  /**
   * Whether updates that refresh factors are replayed as graphs: where a library factorises on a
   * GPU they are not, since its solver cannot be captured.
   */
  public static boolean replaysRefreshes(Operations.Mode mode) {
    Device device = TestDevice.get();
    return new Operations(device, mode).capturesFactorisations();
  }

  public Setup setup() {
    return setup;
  }

  public long seed() {
    return setup.seed();
  }

  public Network network() {
    return network;
  }

  public DeviceBatch batch() {
    return batch;
  }

  /** Inputs [N][d_0], without the 1 column. */
  public double[][] X() {
    return X;
  }

  /** Targets [N][d_L]. */
  public double[][] T() {
    return T;
  }

  public ReferenceLoss referenceLoss() {
    return setup.loss();
  }

  public LossFunction loss() {
    return switch (setup.loss()) {
      case SQUARED -> Loss.squared();
      case BERNOULLI -> Loss.bernoulli();
      case SOFTMAX -> Loss.softmax();
    };
  }

  /** The reference at the network's present weights. */
  public ReferenceNetwork reference() {
    float[][] weights = network.weights();
    int[] sizes = setup.sizes();
    double[][][] W = new double[weights.length][][];
    ReferenceTransfer[] f = new ReferenceTransfer[weights.length];
    for (int l = 0; l < W.length; l++) {
      W[l] = Algebra.matrix(weights[l], sizes[l + 1], sizes[l] + 1);
      f[l] = l == W.length - 1 ? ReferenceTransfer.IDENTITY : setup.unit().reference;
    }
    return new ReferenceNetwork(W, f);
  }

  /**
   * The largest Σ |W_ij| |ā_j| of any layer and datapoint: the absolute terms behind a
   * pre-activation.
   */
  public double forwardScale(ReferenceNetwork at) {
    double most = 0;
    for (double[] x : X) {
      double[][] input = at.forward(x).input();
      for (int l = 0; l < input.length; l++) {
        for (double[] row : at.weights()[l]) {
          double sum = 0;
          for (int j = 0; j < row.length; j++) {
            sum += Math.abs(row[j] * input[l][j]);
          }
          most = Math.max(most, sum);
        }
      }
    }
    return most;
  }

  /** Another batch of the same kind. */
  public double[][][] draw(int datapoints, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Setup other = new Setup(setup.loss(), setup.unit(), datapoints, seed, setup.sizes());
    return new double[][][] {random(datapoints, setup.sizes()[0], random), targets(other, random)};
  }

  @Override
  public void close() {
    batch.close();
    network.close();
  }

  /** Uniform in [-1, 1), rounded to float. */
  public static double[][] random(int rows, int columns, SplittableRandom random) {
    double[][] values = new double[rows][columns];
    for (double[] row : values) {
      for (int j = 0; j < columns; j++) {
        row[j] = (float) (2 * random.nextDouble() - 1);
      }
    }
    return values;
  }

  private static float[][] randomWeights(int[] sizes, SplittableRandom random) {
    float[][] weights = new float[sizes.length - 1][];
    for (int l = 0; l < weights.length; l++) {
      weights[l] = new float[sizes[l + 1] * (sizes[l] + 1)];
      double width = Math.sqrt(6.0 / (sizes[l] + sizes[l + 1]));
      for (int i = 0; i < weights[l].length; i++) {
        weights[l][i] = (float) (width * (2 * random.nextDouble() - 1));
      }
    }
    return weights;
  }

  private static double[][] targets(Setup setup, SplittableRandom random) {
    double[][] T = random(setup.datapoints(), setup.sizes()[setup.sizes().length - 1], random);
    for (double[] t : T) {
      if (setup.loss() == ReferenceLoss.SOFTMAX) {
        Arrays.fill(t, 0);
        t[random.nextInt(t.length)] = 1;
      } else if (setup.loss() == ReferenceLoss.BERNOULLI) {
        for (int i = 0; i < t.length; i++) {
          t[i] = Math.abs(t[i]); // grey targets
        }
      }
    }
    return T;
  }
}
