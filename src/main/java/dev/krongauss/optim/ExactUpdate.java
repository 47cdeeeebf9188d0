package dev.krongauss.optim;

import dev.krongauss.curvature.ExactSystem;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.ControlExact;
import dev.krongauss.kernel.Select;
import dev.krongauss.kernel.Update;
import dev.krongauss.model.Model;
import java.util.List;

/**
 * An exact update as the device sees it: captured and replayed, so that it takes no decision by a
 * value.
 */
final class ExactUpdate {
  private final ExactOptions options;
  private final Scalars scalars;
  private final Objective objective;
  private final Phases phases;
  private final Stream stream;
  private final ControlExact control;
  private final Update update;
  private final Select select;
  private final List<Matrix> W;
  private final List<Matrix> gradients;
  private final List<Matrix> direction;
  private final List<Matrix> before;
  private final List<Matrix> acceleration;
  private final Buffer dampings;
  private final Buffer infos;
  private ExactSystem system;
  private ExactChunks chunks; // null where batches are whole

  ExactUpdate(
      Model model,
      ExactOptions options,
      Arena arena,
      Scalars scalars,
      Objective objective,
      Phases phases) {
    this.options = options;
    this.scalars = scalars;
    this.objective = objective;
    this.phases = phases;
    this.stream = model.device().stream();
    this.control = new ControlExact(model.device());
    this.update = new Update(model.device());
    this.select = new Select(model.device());
    this.W = model.parameters();
    this.gradients = FirstOrder.like(W, arena, "gradient");
    this.direction = FirstOrder.like(W, arena, "direction");
    this.before = FirstOrder.like(W, arena, "weights before the step");
    this.acceleration = options.geodesic ? FirstOrder.like(W, arena, "acceleration") : List.of();
    this.dampings = arena.floats(ControlExact.RUNGS, "dampings");
    this.infos = arena.ints(ControlExact.RUNGS, "infos");
  }

  /** g of the last forward pass, shaped like the parameters. */
  List<Matrix> gradients() {
    return gradients;
  }

  /** Δ of the last update. */
  List<Matrix> direction() {
    return direction;
  }

  /**
   * Enqueues it all.
   *
   * @param cut null where batches are whole
   */
  void run(ExactSystem of, ExactChunks cut) {
    system = of;
    chunks = cut;
    control.damp(stream, scalars.pointer(), dampings.pointer(), options.marquardt ? 0 : options.l2);
    if (cut == null) {
      phases.run(Phase.FORWARD, objective::forward);
      phases.run(Phase.LOSS, () -> objective.loss(null, true));
    }
    phases.run(Phase.BACKWARD, this::backward);
    phases.run(Phase.FACTORS, () -> system.form(point(), stream));
    phases.run(Phase.FACTORISE, this::factorise);
    phases.run(Phase.SOLVE, this::solve);
    phases.run(Phase.RESCALE, this::decide);
    phases.run(Phase.UPDATE, this::tryStep);
    phases.run(Phase.REDUCTION, this::judge);
  }

  private void backward() {
    system.gradient(point(), stream);
    chunksLoss(Control.LOSS, Control.NORM2);
    objective.dot(gradients, gradients, scalars.at(ControlExact.GRADIENT2));
  }

  /** Of a batch that is cut the gradient comes with all passes and losses. */
  private void chunksLoss(int loss, int norm) {
    if (chunks != null) {
      chunks.loss(scalars.at(loss));
      objective.norm(norm);
    }
  }

  private void factorise() {
    system.factorise(dampings.pointer(), infos.pointer(), stream);
    control.rung(
        stream, scalars.pointer(), infos.pointer(), dampings.pointer(), system.onlyPreconditions());
  }

  private void solve() {
    system.solve(point(), places(), direction, stream);
    objective.dotAndNorm(
        direction, gradients, scalars.at(Control.SLOPE), scalars.at(Control.DIRECTION2));
  }

  private void decide() {
    control.decide(
        stream,
        scalars.pointer(),
        options.l2,
        options.marquardt,
        options.tolerances(),
        options.greatestLambda);
    bend();
  }

  /** Δ + ½ a, where that is wanted and of use. */
  private void bend() {
    if (!options.geodesic) {
      return;
    }
    system.accelerate(places(), scalars.at(Control.ACCEPTED), acceleration, stream);
    objective.dot(acceleration, acceleration, scalars.at(ControlExact.BEND2));
    control.bend(stream, scalars.pointer(), system.end());
    update.apply(
        stream,
        direction,
        acceleration,
        scalars.at(ControlExact.BEND),
        scalars.at(ControlExact.BENT));
    objective.dotAndNorm(
        direction, gradients, scalars.at(Control.SLOPE), scalars.at(Control.DIRECTION2));
  }

  private void tryStep() {
    for (int l = 0; l < before.size(); l++) {
      stream.copy(W.get(l), before.get(l));
    }
    update.apply(stream, W, direction, scalars.at(Control.ALPHA), scalars.at(Control.ACCEPTED));
  }

  private void judge() {
    if (chunks == null) {
      objective.afterwardsWithGradient();
    }
    system.gradient(point(), stream);
    chunksLoss(Control.NEW_LOSS, Control.NEW_NORM2);
    objective.dot(direction, gradients, scalars.at(ControlExact.NEW_SLOPE));
    control.judge(
        stream, scalars.pointer(), options.l2, options.leastLambda, options.greatestLambda);
    select.where(stream, scalars.at(ControlExact.TAKEN_BACK), 1, before, W);
  }

  private ExactSystem.Places places() {
    return new ExactSystem.Places(
        scalars.at(ControlExact.DAMPING),
        scalars.at(Control.CURVATURE),
        scalars.at(ControlExact.ERROR2),
        scalars.at(ControlExact.SCALED2),
        scalars.at(ControlExact.TRUST));
  }

  private ExactSystem.Point point() {
    return chunks != null
        ? new ExactSystem.Point(null, null, null, gradients)
        : new ExactSystem.Point(
            objective.output(), objective.targets(), objective.outputGradient(), gradients);
  }
}
