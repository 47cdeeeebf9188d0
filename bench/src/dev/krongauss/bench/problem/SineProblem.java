package dev.krongauss.bench.problem;

import dev.krongauss.data.Dataset;
import dev.krongauss.data.Sine;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A smooth function of a few inputs without noise, fitted by a small network: what {@link Sine}
 * generates, squared loss, and as many other rows to judge by.
 *
 * @param inputs of the function
 * @param rows to train on
 * @param hidden widths of the hidden layers
 * @param activation of the hidden layers
 */
public record SineProblem(int inputs, int rows, List<Integer> hidden, Activation activation)
    implements Problem {
  /** As after {@code --data}. */
  public static final String NAME = "sine";

  /** Inputs where no number is given. */
  public static final int INPUTS = 2;

  /** Rows where no number is given. */
  public static final int ROWS = 2000;

  private static final List<Integer> HIDDEN = List.of(20, 20);
  private static final int LARGEST_BATCH = 4096;

  /** Of the default size. */
  static SineProblem of(Optional<List<Integer>> hidden, Activation activation) {
    return new SineProblem(INPUTS, ROWS, hidden.orElse(HIDDEN), activation);
  }

  /**
   * The same network on other data.
   *
   * @param otherInputs 1 to {@link Sine#MOST_INPUTS}
   * @param otherRows at least 1
   */
  public SineProblem sized(int otherInputs, int otherRows) {
    return new SineProblem(otherInputs, otherRows, hidden, activation);
  }

  /**
   * Generates the rows.
   *
   * @param folder not used
   */
  @Override
  public ProblemData load(Path folder, long seed) {
    Dataset training = Sine.train(inputs, rows, seed);
    NetworkShape shape = NetworkShape.of(inputs, hidden, activation, 1);
    return new ProblemData(
        training,
        Optional.of(Sine.test(inputs, rows, seed)),
        Loss.squared(),
        "squared error",
        scale -> shape,
        defaultBatch(),
        Optional.empty());
  }

  /** All rows, for which the exact step is made, while there are not too many. */
  private int defaultBatch() {
    return Math.min(rows, LARGEST_BATCH);
  }

  @Override
  public String toString() {
    return NAME;
  }
}
