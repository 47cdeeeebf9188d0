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
  /** Relative error of the solution in the norm of the damped matrix. */
  static final double TOLERANCE = 5e-5;

  private static final int MOST = 10_000;

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
   * How an iteration ended.
   *
   * @param products with the matrix
   * @param error bound on the relative error of Δ in the norm of the damped matrix; more than
   *     {@link #TOLERANCE} where products ran out
   */
  record End(int products, double error) {}

  /**
   * Solves from Δ = 0 until the error is within the tolerance, or for 10,000 products.
   *
   * <p>No eigenvalue of the damped matrix A is below the damping μ, so that the error e of the norm
   * ‖e‖_A² = rᵀA⁻¹r has at most ‖r‖² / μ, while ‖Δ‖_A² is the sum of the steps' ⟨r, r⟩² / ⟨p, Ap⟩.
   *
   * @param solution Δ, overwritten
   */
  End solve(List<Matrix> g, List<Matrix> solution) {
    scale(solution, 0);
    scale(residual, 0);
    add(-1, g, residual);
    scale(search, 0);
    double residual2 = subject.dot(residual, residual);
    double solution2 = 0;
    double before = 0;
    int k = 0;
    while (k < MOST && residual2 / damping > TOLERANCE * TOLERANCE * solution2) {
      scale(search, before == 0 ? 0 : residual2 / before);
      add(1, residual, search);
      C.apply(search, damping, product, subject.s);
      double step = residual2 / subject.dot(search, product);
      add(step, search, solution);
      add(-step, product, residual);
      solution2 += step * residual2;
      before = residual2;
      residual2 = subject.dot(residual, residual);
      k++;
    }
    return new End(k, solution2 == 0 ? 0 : Math.sqrt(residual2 / damping / solution2));
  }

  /** ‖X − Y‖ / ‖Y‖ in the norm of the damped matrix. */
  double difference(List<Matrix> X, List<Matrix> Y) {
    scale(search, 0);
    add(1, X, search);
    add(-1, Y, search);
    return Math.sqrt(curvature(search) / curvature(Y));
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
