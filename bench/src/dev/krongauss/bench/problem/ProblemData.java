package dev.krongauss.bench.problem;

import dev.krongauss.data.Dataset;
import dev.krongauss.model.LossFunction;
import dev.krongauss.table.Tabular;
import java.util.Optional;
import java.util.function.DoubleFunction;

/**
 * The rows of a {@link Problem}, and what follows from them.
 *
 * @param training rows that optimisers see
 * @param heldOut rows that they do not see; empty if none were kept back
 * @param loss of the network's outputs
 * @param lossName in words, with its unit where it has one
 * @param networks the network by the scale of the hidden widths; a table's has no scale but 1
 * @param defaultBatch rows of a mini-batch where no number is given
 * @param table where the rows were read from a table of one's own
 */
public record ProblemData(
    Dataset training,
    Optional<Dataset> heldOut,
    LossFunction loss,
    String lossName,
    DoubleFunction<NetworkShape> networks,
    int defaultBatch,
    Optional<Tabular> table) {
  /** What was found in the table, its ways out said as options; empty for the paper's data. */
  public Optional<String> tableSummary() {
    return table.map(read -> OptionNames.in(read.summary()));
  }

  /**
   * The network that is trained.
   *
   * @param scale multiplies the paper's hidden widths; 1 for a table
   */
  public NetworkShape network(double scale) {
    return networks.apply(scale);
  }
}
