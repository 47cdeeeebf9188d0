package dev.krongauss.train;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Resumable;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.testing.TestDevice;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/** A small network that learns classes with noise, so that it overfits, and rows held out. */
final class TrainingFixture implements AutoCloseable {
  static final LossFunction LOSS = Loss.softmax();
  static final int BATCH = 16;
  static final int HELD = 40;

  /** Optimisers by name. */
  enum Kind {
    ADAM(network -> Adam.builder().learningRate(0.02).build(network, LOSS)),
    /** Kinds of updates, averages and captured graphs. */
    AVERAGES(
        network -> GaussNewton.kfra().reductionEvery(4).averageIterates(0.9).build(network, LOSS)),
    KFAC(network -> GaussNewton.kfac().refreshEvery(3).seed(11).build(network, LOSS)),
    GIVES_UP(network -> Adam.builder().learningRate(0.02).mostRejected(2).build(network, LOSS));

    private final Function<Network, Optimizer> builder;

    Kind(Function<Network, Optimizer> builder) {
      this.builder = builder;
    }
  }

  final Device device = TestDevice.get();
  final Network network;
  final Batches batches;
  final Optimizer optimizer;
  final Evaluation evaluation;

  TrainingFixture(Kind kind, long seed) {
    network =
        Network.input(6)
            .dense(20, Activation.TANH)
            .dense(12, Activation.TANH)
            .dense(4, Activation.IDENTITY)
            .build(device, seed);
    batches = Batches.of(device, data(50, 3), BATCH, 7);
    optimizer = kind.builder.apply(network);
    evaluation = Evaluation.of(network, LOSS, data(HELD, 4));
  }

  Training.Builder training() {
    return Training.of(optimizer, batches);
  }

  Map<String, Resumable> parts(Training training) {
    Map<String, Resumable> parts = new LinkedHashMap<>();
    parts.put("weights", Resumable.weights(network));
    parts.put("optimizer", optimizer);
    parts.put("batches", batches);
    parts.put("training", training);
    return parts;
  }

  @Override
  public void close() {
    evaluation.close();
    optimizer.close();
    batches.close();
    network.close();
  }

  /** The class is that of the largest of four inputs with noise. */
  private static Dataset data(int rows, long seed) {
    Random random = new Random(seed);
    float[] inputs = new float[rows * 6];
    float[] targets = new float[rows * 4];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = (float) random.nextGaussian();
    }
    for (int n = 0; n < rows; n++) {
      int best = 0;
      double most = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < 4; k++) {
        double value = inputs[6 * n + k] + 0.5 * random.nextGaussian();
        best = value > most ? k : best;
        most = Math.max(most, value);
      }
      targets[4 * n + best] = 1;
    }
    return Dataset.supervised("noisy classes", inputs, 6, targets, 4);
  }
}
