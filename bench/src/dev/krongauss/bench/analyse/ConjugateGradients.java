package dev.krongauss.bench.analyse;

import dev.krongauss.curvature.CurvatureProduct;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Update;
import java.util.List;

/**
 * Solves (C + damping I) Δ = −g by conjugate gradients, C being a curvature product; and the
 * quadratic model along a direction. Source: Hestenes, Stiefel, "Methods of conjugate gradients for
 * solving linear systems", 1952.
 */
final class ConjugateGradients {
  private static final double RESIDUAL = 1e-4;
  private static final int MOST = 3000;

  private final Subject subject;
  private final CurvatureProduct C;
  private final float damping;
  private final Update update;
  private final Buffer factor;
  private final List<Matrix> residual;
  private final List<Matrix> search;
  private final List<Matrix> product;

  ConjugateGradients(Subject subject, CurvatureProduct C, float damping) {
    this.subject = subject;
    this.C = C;
    this.damping = damping;
    this.update = new Update(subject.network.device());
    this.factor = subject.number("factor");
    this.residual = subject.like("residual");
    this.search = subject.like("search direction");
    this.product = subject.like("product");
  }

  /**
   * Solves from Δ = 0, to a residual of 1e-4 of ‖g‖ or 3000 products.
   *
   * @param solution Δ, overwritten
   * @return products
   */
  int solve(List<Matrix> g, List<Matrix> solution) {
    scale(solution, 0);
    scale(residual, 0);
    add(-1, g, residual);
    scale(search, 0);
    double norm2 = subject.dot(residual, residual);
    double target = RESIDUAL * RESIDUAL * norm2;
    double before = 0;
    int k = 0;
    for (; k < MOST && norm2 > target; k++) {
      scale(search, before == 0 ? 0 : norm2 / before);
      add(1, residual, search);
      C.apply(search, damping, product, subject.s);
      double step = norm2 / subject.dot(search, product);
      add(step, search, solution);
      add(-step, product, residual);
      before = norm2;
      norm2 = subject.dot(residual, residual);
    }
    return k;
  }

  /** The model's decrease by the rescaled direction: ⟨Δ, g⟩² / (2 ΔᵀCΔ). */
  double decrease(List<Matrix> direction, List<Matrix> g) {
    double slope = subject.dot(direction, g);
    return slope * slope / (2 * curvature(direction));
  }

  /** α* = −⟨Δ, g⟩ / ΔᵀCΔ. */
  double alpha(List<Matrix> direction, List<Matrix> g) {
    return -subject.dot(direction, g) / curvature(direction);
  }

  private double curvature(List<Matrix> direction) {
    C.apply(direction, damping, product, subject.s);
    return subject.dot(direction, product);
  }

  /** to += a X. */
  private void add(double a, List<Matrix> X, List<Matrix> to) {
    factor.upload(new float[] {(float) a}, subject.s);
    update.apply(subject.s, to, X, factor.pointer(), 0);
  }

  /** X *= a; W += (a − 1) W with the same matrix twice, which the kernel allows. */
  private void scale(List<Matrix> X, double a) {
    factor.upload(new float[] {(float) (a - 1)}, subject.s);
    update.apply(subject.s, X, X, factor.pointer(), 0);
  }
}
