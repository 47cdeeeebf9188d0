package dev.krongauss.optim;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Beginning;
import dev.krongauss.kernel.argument.Part;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.State;
import dev.krongauss.precondition.LayerRule;
import java.util.List;

/**
 * One step length a layer, by {@link LayerRule} with the exact Gauss-Newton matrix of the
 * directions on a part of the batch.
 */
final class LayerStep implements StepRule {
  private final UpdateMemory update;
  private final LayerRule rule;
  private final ChunkedCurvature chunked;
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
            update.options().rules(),
            update.owners(),
            update.shared());
    int L = update.direction().size();
    this.C = update.arena().matrix(L, L, "curvature of the directions");
    boolean cut = update.options().split().cut();
    this.curvature = cut ? null : SampledCurvature.of(update, lossFunction);
    this.chunked = cut ? new ChunkedCurvature(update, lossFunction, C) : null;
  }

  @Override
  public void prepare(int N, int outputs) {
    if (chunked != null) {
      chunked.prepare(N, outputs);
    } else {
      curvature.prepare(N, outputs);
    }
  }

  @Override
  public Beginning beginning() {
    return rule.beginning(update.options().gammaFollows());
  }

  @Override
  public boolean needsNorm() {
    return false;
  }

  /** The averaged gradient stands in the direction's memory, which the solve then writes. */
  @Override
  public void solve() {
    rule.average(update.gradients(), update.direction(), update.stream());
    List<Matrix> own = update.owners().own(update.direction());
    update.preconditioner().apply(own, own, update.stream());
  }

  @Override
  public void measure() {
    Objective objective = update.objective();
    Part part = chunked != null ? null : curvature.part(objective.output(), objective.targets());
    rule.measure(
        update.direction(), update.gradients(), update.model().parameters(), part, update.stream());
    if (chunked != null) {
      chunked.measure(update.direction());
    } else {
      curvature.push(update.direction());
    }
  }

  @Override
  public void decide(boolean refreshed) {
    if (chunked != null) {
      rule.decide(C, update.preconditioner(), refreshed, update.stream());
    } else {
      curvature.decide(rule.decision(C, update.preconditioner(), refreshed));
    }
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
  public void take(ChunkPass chunk) {
    chunked.take(chunk);
  }

  @Override
  public void exchange(State state) {
    rule.exchange(state, update.direction());
  }

  @Override
  public void close() {
    if (chunked != null) {
      chunked.close();
    } else {
      curvature.close();
    }
  }
}
