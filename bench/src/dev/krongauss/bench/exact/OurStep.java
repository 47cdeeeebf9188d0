package dev.krongauss.bench.exact;

import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.data.Batches;
import dev.krongauss.device.Device;
import dev.krongauss.model.Batch;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.ExactGaussNewton;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Sgd;
import java.util.Locale;

/** This project's exact step. */
final class OurStep implements Contestant {
  private static final long BUDGET = 8L << 30;

  private final ExactProblem problem;
  private final Device device;
  private final ExactSpace space;
  private final Network network;
  private final long networkBytes;
  private final Batches batches;
  private final Batch batch;
  private ExactGaussNewton optimizer;

  OurStep(ExactProblem problem, Device device, ExactSpace space) {
    this.problem = problem;
    this.device = device;
    this.space = space;
    long before = device.usage().deviceBytes();
    this.network = problem.network(device, 1);
    network.reserve(problem.rows(), device.stream());
    this.networkBytes = device.usage().deviceBytes() - before;
    this.batches = Batches.of(device, problem.dataset(), problem.rows(), 1);
    this.batch = batches.next();
  }

  @Override
  public String name() {
    return space == ExactSpace.SMALLER ? "exact" : "exact:" + space.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void start(float[][] weights) {
    network.setWeights(weights);
    if (optimizer != null) {
      optimizer.close();
    }
    optimizer = GaussNewton.exact().space(space).budget(BUDGET).build(network, Loss.squared());
  }

  /** Each report is read, as a trainer does that stops when nothing is left to gain. */
  @Override
  public double update(int updates) {
    long begin = System.nanoTime();
    for (int k = 0; k < updates; k++) {
      optimizer.step(batch).loss();
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  @Override
  public double[][] weights() {
    return DoubleNetwork.widened(network.weights());
  }

  /** What a step of gradient descent with rate 1 subtracts. */
  @Override
  public double[] gradient() {
    float[][] before = network.weights();
    double[] gradient = new double[problem.weights()];
    try (Sgd sgd = Sgd.builder().learningRate(1).build(network, Loss.squared())) {
      sgd.step(batch).loss();
      float[][] after = network.weights();
      int place = 0;
      for (int l = 0; l < after.length; l++) {
        for (int i = 0; i < after[l].length; i++) {
          gradient[place++] = (double) before[l][i] - after[l][i];
        }
      }
    }
    network.setWeights(before);
    return gradient;
  }

  /** The optimiser's and the network's, for the batch. */
  @Override
  public long bytes() {
    return networkBytes + (optimizer == null ? 0 : optimizer.bytes());
  }

  @Override
  public void close() {
    if (optimizer != null) {
      optimizer.close();
    }
    batches.close();
    network.close();
  }

  @Override
  public String toString() {
    return name() + " on " + device;
  }
}
