package dev.krongauss.bench;

import dev.krongauss.data.CachedData;
import dev.krongauss.data.Dataset;
import dev.krongauss.data.Mnist;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Loss;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** What is trained: the data, its network and loss, and the defaults that fit it. */
enum Problem {
  /** Generated in a second, so it is the default, small enough for a laptop. */
  CURVES(0.25, 500) {
    @Override
    Dataset load(Path folder, long seed) {
      return CachedData.curves(seed);
    }
  },
  MNIST(1, 1000) {
    @Override
    Dataset load(Path folder, long seed) throws IOException {
      return Mnist.train(folder);
    }
  },
  FACES(1, 1000) {
    @Override
    Dataset load(Path folder, long seed) throws IOException {
      return CachedData.faces(folder, seed);
    }
  },
  /** MNIST's digits into odd and even ones: a loss that is no exponential family's. */
  ODDEVEN(1, 1000) {
    @Override
    Dataset load(Path folder, long seed) throws IOException {
      return Mnist.oddEven(folder);
    }
  };

  private final double defaultScale;
  private final int defaultBatch;

  Problem(double defaultScale, int defaultBatch) {
    this.defaultScale = defaultScale;
    this.defaultBatch = defaultBatch;
  }

  /** The training set; {@code folder} is not used by generated data, {@code seed} not by files. */
  abstract Dataset load(Path folder, long seed) throws IOException;

  boolean needsFolder() {
    return this != CURVES;
  }

  /** Where the files lie below the data folder. */
  String subFolder() {
    return this == FACES ? "faces" : "mnist";
  }

  PaperNetwork network(Dataset data, double scale) {
    return this == ODDEVEN
        ? PaperNetwork.mixture(data.inputWidth(), scale)
        : PaperNetwork.autoencoder(data.inputWidth(), scale);
  }

  /** Grey levels in [0, 1] are probabilities; faces are standardised and have none. */
  LossFunction loss() {
    return switch (this) {
      case CURVES, MNIST -> Loss.bernoulli();
      case FACES -> Loss.squared();
      case ODDEVEN -> Loss.mixture();
    };
  }

  String lossName() {
    return switch (this) {
      case CURVES, MNIST -> "Bernoulli cross-entropy (nats)";
      case FACES -> "squared error";
      case ODDEVEN -> "mixture of two binary classifiers (nats)";
    };
  }

  double defaultScale() {
    return defaultScale;
  }

  int defaultBatch() {
    return defaultBatch;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
