package dev.krongauss.bench.analyse;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import java.util.SplittableRandom;

/** Small networks with random weights, biases and data; what is random follows from the seed. */
final class Small implements AutoCloseable {
  final Subject subject;
  private final Network network;
  private final Arena arena;

  /**
   * @param targets what the loss takes for targets
   */
  Small(
      Device device,
      Activation hidden,
      LossFunction loss,
      Targets targets,
      int N,
      long seed,
      int... sizes) {
    SplittableRandom random = new SplittableRandom(seed);
    Network.Builder builder = Network.input(sizes[0]);
    for (int l = 1; l < sizes.length; l++) {
      builder.dense(sizes[l], l == sizes.length - 1 ? Activation.IDENTITY : hidden);
    }
    network = builder.build(device, seed);
    float[][] weights = network.weights();
    for (int l = 0; l < weights.length; l++) {
      for (int i = sizes[l]; i < weights[l].length; i += sizes[l] + 1) {
        weights[l][i] = (float) (0.5 * random.nextDouble() - 0.25); // biases
      }
    }
    network.setWeights(weights);
    arena = device.newArena("small data");
    subject = new Subject(network, loss);
    subject.take(new Data(arena, device, targets, N, sizes[0], sizes[sizes.length - 1], random));
  }

  /** Kinds of targets. */
  enum Targets {
    REAL(Loss.squared()),
    BITS(Loss.bernoulli()),
    CLASSES(Loss.softmax());

    private final LossFunction loss;

    Targets(LossFunction loss) {
      this.loss = loss;
    }

    /** The loss that takes them. */
    LossFunction loss() {
      return loss;
    }

    private float[] draw(int N, int d, SplittableRandom random) {
      float[] t = new float[N * d];
      for (int n = 0; n < N; n++) {
        for (int j = 0; j < d; j++) {
          t[n * d + j] =
              switch (this) {
                case REAL -> (float) (2 * random.nextDouble() - 1);
                case BITS -> random.nextInt(2);
                case CLASSES -> 0;
              };
        }
        if (this == CLASSES) {
          t[n * d + random.nextInt(d)] = 1;
        }
      }
      return t;
    }
  }

  @Override
  public void close() {
    subject.close();
    network.close();
    arena.close();
  }

  /** Inputs uniform in [−1, 1). */
  private record Data(Matrix inputs, Matrix targets) implements Batch {
    Data(
        Arena arena, Device device, Targets kind, int N, int in, int out, SplittableRandom random) {
      this(arena.matrix(N, in + 1, "inputs"), arena.matrix(N, out, "targets"));
      float[] x = new float[N * (in + 1)];
      for (int i = 0; i < x.length; i++) {
        x[i] = i % (in + 1) == in ? 1 : (float) (2 * random.nextDouble() - 1);
      }
      inputs.upload(x, device.stream());
      targets.upload(kind.draw(N, out, random), device.stream());
    }

    @Override
    public int size() {
      return inputs.rows();
    }
  }
}
