package dev.krongauss.optim;

import dev.krongauss.device.Matrix;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.State;
import dev.krongauss.precondition.LayerRule;

/**
 * One step length a layer, by {@link LayerRule} with the exact Gauss-Newton matrix of the
 * directions on a part of the batch.
 */
final class LayerStep implements StepRule {
  private final UpdateMemory update;
  private final LayerRule rule;
  private final SampledCurvature curvature;
  private final Matrix C;

  LayerStep(UpdateMemory update, LossFunction lossFunction) {
    this.update = update;
    this.rule =
        new LayerRule(
            update.model().device(),
            update.arena(),
            update.model().parameters(),
            update.scalars().pointer(),
            update.options().rules());
    this.curvature =
        new SampledCurvature(
            update.model(),
            lossFunction,
            update.loss(),
            update.options().operations(update.model().device()),
            update.arena(),
            update.options().budgetBytes);
    int L = update.direction().size();
    this.C = update.arena().matrix(L, L, "curvature of the directions");
  }

  @Override
  public void prepare(int N, int outputs) {
    curvature.prepare(N, outputs);
  }

  @Override
  public void begin() {
    rule.begin(update.options().gammaFollows(), update.stream());
  }

  /** The averaged gradient stands in the direction's memory, which the solve then writes. */
  @Override
  public void solve() {
    rule.average(update.gradients(), update.direction(), update.stream());
    update.preconditioner().apply(update.direction(), update.direction(), update.stream());
  }

  @Override
  public void measure() {
    Objective objective = update.objective();
    curvature.measure(update.direction(), objective.output(), objective.targets(), C);
    rule.measure(
        update.direction(), update.gradients(), update.model().parameters(), update.stream());
  }

  @Override
  public void decide(boolean refreshed) {
    rule.decide(C, update.preconditioner(), refreshed, update.stream());
  }

  @Override
  public void apply() {
    rule.apply(
        update.model().parameters(),
        update.direction(),
        update.gradients(),
        update.mean() == null ? null : update.mean().entry(),
        update.stream());
  }

  @Override
  public void exchange(State state) {
    rule.exchange(state, update.direction());
  }

  @Override
  public void close() {
    curvature.close();
  }
}
