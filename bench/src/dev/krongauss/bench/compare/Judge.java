package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.HeldOut;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.Resumable;
import dev.krongauss.model.State;
import dev.krongauss.net.Network;
import dev.krongauss.train.Evaluation;
import dev.krongauss.train.Scores;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Judges the weights of one run on held-out rows, the last ones and their average, and keeps the
 * best. These are part of a checkpoint, so that a resumed run ends with the same.
 */
final class Judge implements Resumable, AutoCloseable {
  private final Trainer trainer;
  private final Network network;
  private final Evaluation evaluation;
  private final Units units;
  private final Arena arena;
  private final List<Matrix> best = new ArrayList<>();

  private Judge(Setup setup, Trainer trainer) {
    this.trainer = trainer;
    this.network = trainer.network();
    this.units = Units.of(setup.rows());
    this.evaluation =
        Evaluation.of(network, setup.rows().loss(), setup.rows().heldOut().orElseThrow());
    this.arena = setup.device().newArena("best weights of " + network);
    network.parameters().forEach(w -> best.add(arena.matrix(w.rows(), w.columns(), "best " + w)));
  }

  /** Of a run; empty where no rows are held out. */
  static Optional<Judge> of(Setup setup, Trainer trainer) {
    return setup.rows().heldOut().isEmpty()
        ? Optional.empty()
        : Optional.of(setup.device().allOrNothing(() -> new Judge(setup, trainer)));
  }

  /**
   * Judges the present weights, and their average where there is one, and keeps what is better than
   * all that the curve has.
   *
   * @param at the update behind which it is
   * @param rows told of each result, which is in the curve then
   */
  void judge(Curve curve, Curve.Point at, Consumer<HeldOut> rows) {
    rows.accept(judged(curve, at, false));
    trainer
        .averaging()
        .ifPresent(own -> rows.accept(own.averages().with(() -> judged(curve, at, true))));
  }

  private HeldOut judged(Curve curve, Curve.Point at, boolean averaged) {
    Optional<HeldOut> before = curve.bestHeldOut();
    HeldOut now = units.heldOut(at.update(), at.seconds(), averaged, scores());
    curve.add(now);
    if (!curve.bestHeldOut().equals(before)) {
      keep();
    }
    return now;
  }

  /** Of the network's present weights. */
  Scores scores() {
    return evaluation.scores();
  }

  private void keep() {
    float[][] weights = network.weights();
    Device device = network.device();
    for (int l = 0; l < weights.length; l++) {
      best.get(l).upload(weights[l], device.stream());
    }
  }

  /** Puts the best weights into the network, whose last ones are gone then. */
  void takeBest() {
    float[][] weights = new float[best.size()][];
    for (int l = 0; l < weights.length; l++) {
      weights[l] = best.get(l).download(network.device().stream());
    }
    network.setWeights(weights);
  }

  @Override
  public void exchange(State state) {
    state.matrices("W", best);
  }

  @Override
  public void close() {
    evaluation.close();
    arena.close();
  }
}
