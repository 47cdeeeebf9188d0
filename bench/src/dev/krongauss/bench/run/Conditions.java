package dev.krongauss.bench.run;

import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.bench.problem.Problem;

/**
 * What the results of a comparison hold for.
 *
 * @param problem the data
 * @param lossName the loss in words
 * @param network that every optimiser trained
 * @param scale of its hidden widths, by the paper's
 * @param batch rows of a mini-batch
 * @param seed the first one, of weights and batches
 * @param seeds how many, that one and those after it
 * @param gpu whether a GPU computed it
 * @param gridScale the scale of the networks that the grid tried its settings on
 * @param gridUpdates updates of each setting of the grid
 * @param patience evaluations in a row without a better one that end a run; 0 for no such end
 */
public record Conditions(
    Problem problem,
    String lossName,
    NetworkShape network,
    double scale,
    int batch,
    long seed,
    int seeds,
    boolean gpu,
    double gridScale,
    long gridUpdates,
    int patience) {
  /** Data, network and batch in a line. */
  @Override
  public String toString() {
    return "%s, %s, batch %d".formatted(problem, network, batch);
  }
}
