package dev.krongauss.precondition;

import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.argument.Count;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.Locale;

/** What the last update of a {@link LayerSteps} did. */
public final class LayerReport {
  private final int[] block;

  /**
   * @param block the scalar block, bit for bit, and the step lengths behind it
   */
  LayerReport(int[] block) {
    this.block = block;
  }

  /** Number of the update, from 1; 0 before the first. */
  public long update() {
    return Count.of(block[Control.STEP], block[Control.STEP_HIGH]);
  }

  /** Updates applied so far, this one included. */
  public long applied() {
    return Count.of(block[Control.APPLIED], block[Control.APPLIED_HIGH]);
  }

  /** Whether it was applied; if not, weights and averages are bit for bit as before. */
  public boolean accepted() {
    return block[Control.ACCEPTED] == 1;
  }

  /** Rejected updates in a row, counting this one; at most 2³¹ − 1. */
  public int rejectedInARow() {
    return block[Control.REJECTED];
  }

  /** Why it was rejected, in words; empty if it was accepted. */
  public String problem() {
    return Rejection.inWords(
        block[Control.REASON],
        loss(),
        commonStep(),
        block[Control.FAILED_FACTOR],
        block[Control.FAILED_COLUMN],
        real(Control.FACTOR_GAMMA));
  }

  /** The loss that was handed over. */
  public double loss() {
    return real(Control.LOSS);
  }

  /** Loss plus η/2 ‖W‖² before the update. */
  public double objective() {
    return real(Control.OBJECTIVE);
  }

  /** Step lengths x of the layers, the first one first; 0 before the first update. */
  public double[] steps() {
    double[] steps = new double[block.length - Control.SLOTS];
    Arrays.setAll(steps, l -> real(Control.SLOTS + l));
    return steps;
  }

  /** a₀ = |Σ r / ΣΣ A|: what one step for all layers would be, by the same curvature. */
  public double commonStep() {
    return real(Control.COMMON_STEP);
  }

  /** Change of the objective that the quadratic model predicts, at most 0. */
  public double predictedChange() {
    return real(Control.PREDICTED);
  }

  /** ρ of the last {@link LayerSteps#reduction}; NaN before. */
  public double reductionRatio() {
    return real(Control.RHO);
  }

  /**
   * The update that should refresh the factors next: the one after this where they had no inverse,
   * else by how far they have moved between the last two refreshes, 5 to 10 updates after the last;
   * 0 before the first. A trainer may go by it or by a number of its own.
   */
  public long nextRefresh() {
    return (block[Control.REASON] & Control.REASON_FACTOR) != 0
        ? update() + 1
        : Count.of(block[Control.NEXT_REFRESH], block[Control.NEXT_REFRESH_HIGH]);
  }

  /** λ after the update. */
  public double lambda() {
    return real(Control.LAMBDA);
  }

  /** κ, the damping of the step lengths in the metric of the factors. */
  public double kappa() {
    return real(Control.KAPPA);
  }

  /** γ = √(λ + η) of the last {@link LayerSteps#begin}. */
  public double gamma() {
    return real(Control.GAMMA);
  }

  @Override
  public String toString() {
    DoubleSummaryStatistics steps = Arrays.stream(steps()).summaryStatistics();
    return String.format(
        Locale.ROOT,
        "update %d: objective %.6g, steps %.3g to %.3g, kappa %.3g, lambda %.3g, ratio %.3g, %s",
        update(),
        objective(),
        steps.getMin(),
        steps.getMax(),
        kappa(),
        lambda(),
        reductionRatio(),
        accepted() ? "accepted" : "rejected: " + problem());
  }

  private double real(int which) {
    return Float.intBitsToFloat(block[which]);
  }
}
