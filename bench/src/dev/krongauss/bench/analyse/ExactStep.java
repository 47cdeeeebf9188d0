package dev.krongauss.bench.analyse;

import dev.krongauss.bench.DampedSolution;
import dev.krongauss.curvature.ExactMemory;
import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.curvature.ExactSystem;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.operations.Operations;
import java.util.List;
import java.util.Locale;

/**
 * The exact step of a subject's batch, (C + damping I) Δ = −g: from the factorised matrix where
 * that fits a budget of memory, by conjugate gradients where it does not, and by both where it
 * does.
 */
final class ExactStep {
  private static final int REFINEMENTS = 20;

  private final Subject subject;
  private final double l2;
  private final float damping;
  private final Size size;
  private final boolean fits;
  private final List<Matrix> iterated;

  /**
   * @param N datapoints of a batch
   * @param l2 η of the objective
   * @param damping η in it
   * @param budget bytes that the factorised matrix and what belongs to it may take
   */
  ExactStep(Subject subject, int N, double l2, double damping, long budget) {
    this.subject = subject;
    this.l2 = l2;
    this.damping = (float) damping;
    this.size = Size.of(subject, N);
    this.fits = size.bytes <= budget;
    this.iterated = subject.like("step of conjugate gradients");
  }

  /**
   * Of the system of a batch.
   *
   * @param rows of the matrix, the smaller of weights and residuals
   * @param bytes of device memory
   */
  record Size(ExactSpace space, long weights, long residuals, long rows, long bytes) {
    static Size of(Subject subject, int N) {
      int[] widths = subject.network.sizes();
      int K = subject.loss.rank(widths[widths.length - 1]);
      long P = ExactMemory.parameters(widths);
      ExactSpace space = ExactSpace.SMALLER.of(N, K, P);
      return new Size(
          space,
          P,
          (long) N * K,
          space == ExactSpace.SAMPLE ? (long) N * K : P,
          ExactMemory.bytes(space, widths, N, K, false));
    }
  }

  /**
   * How a step was found.
   *
   * @param factorised whether it is the factorised matrix'; else it is that of conjugate gradients
   * @param error its relative error in the norm of the damped matrix; of conjugate gradients a
   *     bound
   * @param iteration of conjugate gradients
   * @param difference of the two in that norm; NaN where there is one
   */
  record Found(
      boolean factorised, double error, ConjugateGradients.End iteration, double difference) {}

  /** Of this subject's batches. */
  Size size() {
    return size;
  }

  /** Whether the matrix is factorised. */
  boolean fits() {
    return fits;
  }

  /**
   * Solves; waits.
   *
   * @param solver of the batch, with this damping
   * @param g gradient of the batch with the L2 term; where the matrix is factorised, written anew
   *     from sums in double
   * @param exact Δ, overwritten
   * @throws IllegalStateException if the factorised matrix does not give the step in single
   *     precision
   */
  Found find(ConjugateGradients solver, List<Matrix> g, List<Matrix> exact) {
    if (!fits) {
      ConjugateGradients.End end = solver.solve(g, exact);
      return new Found(false, end.error(), end, Double.NaN);
    }
    DampedSolution solution = factorised(g, exact);
    if (!solution.reached()) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "the matrix of %d rows, damped by %.3g, is too near to singular for single precision; leave it to"
                  + " conjugate gradients by --exact-budget 0",
              size.rows,
              damping));
    }
    ConjugateGradients.End end = solver.solve(g, iterated);
    return new Found(true, solution.error(), end, solver.difference(iterated, exact));
  }

  private DampedSolution factorised(List<Matrix> g, List<Matrix> exact) {
    Device device = subject.network.device();
    ExactSystem.Settings settings = new ExactSystem.Settings((float) l2, REFINEMENTS, false, false);
    try (Arena arena = device.newArena("exact step of an analysis");
        ExactSystem system =
            ExactSystem.of(
                size.space,
                subject.network,
                subject.loss,
                subject.operations,
                Operations.of(device),
                settings,
                subject.h().rows())) {
      return DampedSolution.solve(system, subject.point(g), damping, exact, arena, subject.s);
    }
  }
}
