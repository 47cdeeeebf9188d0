package dev.krongauss.bench.problem;

import dev.krongauss.data.DataException;
import dev.krongauss.data.Dataset;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.table.TableReader;
import dev.krongauss.table.Tabular;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * A table of one's own: how it is read, and what is trained on it.
 *
 * @param command to complain by
 * @param name of its file, in titles and tables
 * @param reader that knows file, targets, task and split; the seed of the split comes with {@link
 *     #load}
 * @param hidden widths of the hidden layers; empty for the {@linkplain #defaultHidden default}, a
 *     list without widths for a linear model
 * @param activation of the hidden layers
 */
public record TableProblem(
    CommandLine command,
    String name,
    TableReader reader,
    Optional<List<Integer>> hidden,
    Activation activation)
    implements Problem {
  private static final int WIDE = 100;
  private static final List<Integer> FEW_INPUTS = List.of(100, 50);
  private static final List<Integer> MANY_INPUTS = List.of(500, 250);
  private static final int LEAST_BATCH = 100;
  private static final int MOST_BATCH = 1000;
  private static final int BATCHES_A_PASS = 10;

  /**
   * Reads the table.
   *
   * @throws ParameterException if it is not what it should be, or cannot be trained on as the
   *     options say, with file, line and column
   * @throws IOException if it cannot be read for another reason
   */
  @Override
  public ProblemData load(Path folder, long seed) throws IOException {
    Tabular table = read(seed);
    Dataset training = table.training();
    List<Integer> widths = hidden.orElseGet(() -> defaultHidden(training.inputWidth()));
    NetworkShape shape =
        NetworkShape.of(training.inputWidth(), widths, activation, table.plan().outputs());
    return new ProblemData(
        training,
        table.heldOut(),
        loss(table),
        lossName(table),
        scale -> shape,
        defaultBatch(training.size()),
        Optional.of(table));
  }

  private Tabular read(long seed) throws IOException {
    try {
      return reader.seed(seed).read();
    } catch (DataException e) {
      throw new ParameterException(command, OptionNames.in(e.getMessage()), e);
    }
  }

  /** 100 and 50 units behind fewer than 100 inputs, else 500 and 250. */
  public static List<Integer> defaultHidden(int inputs) {
    return inputs < WIDE ? FEW_INPUTS : MANY_INPUTS;
  }

  /** A tenth of the training rows, but 100 to 1,000, and no more than there are. */
  public static int defaultBatch(int rows) {
    int tenth = Math.max(LEAST_BATCH, Math.min(MOST_BATCH, rows / BATCHES_A_PASS));
    return Math.min(rows, tenth);
  }

  private static LossFunction loss(Tabular table) {
    LossFunction loss =
        switch (table.task()) {
          case REGRESSION -> Loss.squared();
          case BINARY -> Loss.bernoulli();
          case CLASSES -> Loss.softmax();
        };
    return table.weighted() ? Loss.weighted(loss) : loss;
  }

  private static String lossName(Tabular table) {
    String name =
        switch (table.task()) {
          case REGRESSION -> "squared error of the standardised target";
          case BINARY -> "Bernoulli cross-entropy (nats)";
          case CLASSES -> "softmax cross-entropy (nats)";
        };
    return table.weighted() ? name + ", rows weighted by their class" : name;
  }

  @Override
  public String toString() {
    return name;
  }
}
