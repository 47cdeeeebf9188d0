package dev.krongauss.optim;

import dev.krongauss.curvature.ChunkedFactors;
import dev.krongauss.curvature.Method;
import dev.krongauss.curvature.RecursionHandover;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.precondition.LayerOwners;
import java.util.ArrayList;
import java.util.List;

/**
 * The passes of an update where batches are cut: all that is taken from a chunk is taken while the
 * chunk's pass is the model's last one, then summed, then entered.
 */
final class ChunkedUpdate implements AutoCloseable {
  private final UpdateMemory update;
  private final Chunks chunks;
  private final StepRule rule;
  private final ChunkedGradient gradient;
  private final ChunkedFactors factors;
  private final ChunkedSums sums;
  private int N;

  ChunkedUpdate(UpdateMemory update, LossFunction lossFunction, Method method, StepRule rule) {
    GaussNewtonOptions options = update.options();
    Model model = update.model();
    Device device = model.device();
    this.update = update;
    this.chunks = options.split();
    this.rule = rule;
    this.gradient =
        new ChunkedGradient(
            model, update.loss(), chunks, update.arena(), update.gradients(), update.owners());
    this.factors = factors(update, lossFunction, method);
    List<ChunkedSums.Statistic> statistics = new ArrayList<>();
    for (ChunkedFactors.Statistic of : factors.all()) {
      int owner = update.owners().shared() ? update.owners().owner(of.layer()) : ChunkedSums.ALL;
      statistics.add(
          new ChunkedSums.Statistic(of.rows(), of.columns(), of.rows() > 1, owner, of.sum()));
    }
    this.sums = new ChunkedSums(device, update.arena(), chunks, statistics, "factors");
  }

  private static ChunkedFactors factors(
      UpdateMemory update, LossFunction lossFunction, Method method) {
    GaussNewtonOptions options = update.options();
    LayerOwners owners = update.owners();
    List<Matrix> weights = update.model().parameters();
    Device device = update.model().device();
    return new ChunkedFactors(
        new ChunkedFactors.Settings(
            options.operations(device),
            method,
            lossFunction,
            weights,
            options.budgetBytes,
            options.seed,
            options.expectedTop),
        options.diagonalTop(lossFunction, method),
        owners.first(),
        owners.end(),
        owners.shared() && method == Method.KFRA
            ? new SharedRecursion(device, update.arena(), owners, weights)
            : RecursionHandover.NONE);
  }

  /** Whether there is room for batches of N datapoints of all ranks. */
  boolean fits(int datapoints) {
    return N == datapoints;
  }

  /** Makes room for batches of N datapoints; waits if that has changed. */
  void prepare(int datapoints, int outputs) {
    if (fits(datapoints)) {
      return;
    }
    N = 0; // until there is memory again
    gradient.prepare(datapoints, outputs);
    factors.prepare(chunks.most(datapoints));
    N = datapoints;
  }

  /** This rank's part of the batch of the next update. */
  void use(Batch batch) {
    gradient.use(batch);
  }

  /** As {@link ChunkedFactors#drawsOf}. */
  boolean drawsOf(long step) {
    return factors.drawsOf(step);
  }

  /** Forward and backward passes; factors, too, where this update refreshes them. */
  void run(boolean refresh, Phases phases) {
    Stream s = update.stream();
    Scalars scalars = update.scalars();
    ChunkedGradient.Taker taker =
        chunk -> {
          if (refresh) {
            statistics(chunk, s);
            phases.finished(Phase.FACTORS);
          }
          rule.take(chunk);
        };
    long loss = scalars.at(Control.LOSS);
    gradient.run(update.options().l2, loss, rule.beginning(), phases, taker);
    if (rule.needsNorm()) {
      update.objective().norm(Control.NORM2);
    }
    if (refresh) {
      sums.sum(chunks.shares(N), s);
      factors.enter(update.preconditioner().factors(), s);
      phases.finished(Phase.FACTORS);
    }
  }

  private void statistics(ChunkPass chunk, Stream s) {
    factors.statistics(
        chunk.traces(),
        chunks.first() + chunk.k(),
        chunk.h(),
        chunk.targets(),
        update.scalars().at(Control.STEP),
        sums.leaf(chunk.k()),
        s);
  }

  /**
   * Whether {@link #refresh} is no part of a captured update, but made between its graphs: with
   * other ranks the host looks whether the factors of all have an inverse, for which it waits.
   */
  boolean refreshesBetween() {
    return chunks.size() > 1;
  }

  /** Factorises. */
  void refresh() {
    Runnable refresh = () -> update.preconditioner().refresh(update.stream());
    if (refreshesBetween()) {
      chunks.cuts().call(refresh);
    } else {
      refresh.run();
    }
  }

  /** Writes {@link Control#NEW_LOSS} and {@link Control#NEW_NORM2} of the present weights. */
  void afterwards() {
    gradient.loss(update.scalars().at(Control.NEW_LOSS));
    update.objective().norm(Control.NEW_NORM2);
  }

  /** E[vᵀ H v], v = J Δ, to a device address. */
  void curvature(List<Matrix> direction, long out) {
    gradient.curvature(direction, out);
  }

  @Override
  public void close() {
    gradient.close();
    factors.close();
  }
}
