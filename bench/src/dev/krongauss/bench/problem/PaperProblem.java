package dev.krongauss.bench.problem;

import dev.krongauss.bench.LowerCaseEnum;
import dev.krongauss.data.CachedData;
import dev.krongauss.data.Dataset;
import dev.krongauss.data.Mnist;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Loss;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** The paper's data sets: the data, its network and loss, and the defaults that fit it. */
public enum PaperProblem implements Problem {
  /** Generated in a second, so it is the default, small enough for a laptop. */
  CURVES(0.25, 500) {
    @Override
    public Dataset training(Path folder, long seed) {
      return CachedData.curves(seed);
    }

    @Override
    Dataset heldOut(Path folder, long seed) {
      return CachedData.curvesTest(seed);
    }
  },
  MNIST(1, 1000) {
    @Override
    public Dataset training(Path folder, long seed) throws IOException {
      return Mnist.train(folder);
    }

    @Override
    Dataset heldOut(Path folder, long seed) throws IOException {
      return Mnist.validation(folder);
    }
  },
  FACES(1, 1000) {
    @Override
    public Dataset training(Path folder, long seed) throws IOException {
      return CachedData.faces(folder, seed);
    }

    @Override
    Dataset heldOut(Path folder, long seed) throws IOException {
      return CachedData.facesValidation(folder, seed);
    }
  },
  /** MNIST's digits into odd and even ones: a loss that is no exponential family's. */
  ODDEVEN(1, 1000) {
    @Override
    public Dataset training(Path folder, long seed) throws IOException {
      return Mnist.oddEven(folder);
    }

    @Override
    Dataset heldOut(Path folder, long seed) throws IOException {
      return Mnist.oddEvenValidation(folder);
    }
  };

  private final double defaultScale;
  private final int defaultBatch;

  PaperProblem(double defaultScale, int defaultBatch) {
    this.defaultScale = defaultScale;
    this.defaultBatch = defaultBatch;
  }

  /**
   * The training set alone.
   *
   * @param folder of the files, as {@link DataFolder} finds it; not used by generated data
   * @param seed of generated data; not used by files
   * @throws dev.krongauss.data.DataException if a file is missing, cut short or another
   * @throws IOException if a file cannot be read
   */
  public abstract Dataset training(Path folder, long seed) throws IOException;

  /** Rows of the same kind that no optimiser sees: MNIST's validation, faces of others. */
  abstract Dataset heldOut(Path folder, long seed) throws IOException;

  @Override
  public ProblemData load(Path folder, long seed) throws IOException {
    Dataset training = training(folder, seed);
    return new ProblemData(
        training,
        Optional.of(heldOut(folder, seed)),
        loss(),
        lossName(),
        scale -> network(training, scale),
        defaultBatch,
        Optional.empty());
  }

  /** Whether it is read from files. */
  public boolean needsFolder() {
    return this != CURVES;
  }

  /** Where the files lie below the data folder. */
  public String subFolder() {
    return this == FACES ? "faces" : "mnist";
  }

  /**
   * The paper's network for such data.
   *
   * @param scale multiplies the hidden widths
   */
  public NetworkShape network(Dataset data, double scale) {
    return this == ODDEVEN
        ? NetworkShape.mixture(data.inputWidth(), scale)
        : NetworkShape.autoencoder(data.inputWidth(), scale);
  }

  /** Grey levels in [0, 1] are probabilities; faces are standardised and have none. */
  public LossFunction loss() {
    return switch (this) {
      case CURVES, MNIST -> Loss.bernoulli();
      case FACES -> Loss.squared();
      case ODDEVEN -> Loss.mixture();
    };
  }

  /** The loss in words, with its unit where it has one. */
  public String lossName() {
    return switch (this) {
      case CURVES, MNIST -> "Bernoulli cross-entropy (nats)";
      case FACES -> "squared error";
      case ODDEVEN -> "mixture of two binary classifiers (nats)";
    };
  }

  /** The scale of the hidden widths where none is given. */
  public double defaultScale() {
    return defaultScale;
  }

  /** Rows of a mini-batch where no number is given. */
  public int defaultBatch() {
    return defaultBatch;
  }

  /** As after {@code --data}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** For {@code --data} of commands that train on the paper's data alone. */
  public static final class Converter extends LowerCaseEnum<PaperProblem> {
    /** Of every problem. */
    public Converter() {
      super(values());
    }
  }
}
