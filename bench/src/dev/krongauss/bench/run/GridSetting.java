package dev.krongauss.bench.run;

import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.OptimizerKind;

/**
 * A setting of a first-order method that a grid tries.
 *
 * @param kind the method
 * @param rate learning rate
 * @param halvePercent of the updates between its halvings; 0 for never
 */
public record GridSetting(OptimizerKind kind, double rate, double halvePercent) {
  /** As a contender for so many updates. */
  public Contender contender(long updates) {
    long every = halvePercent == 0 ? 0 : Math.max(1, Math.round(updates * halvePercent / 100));
    return Contender.of(kind).withRate(rate, Math.toIntExact(every));
  }
}
