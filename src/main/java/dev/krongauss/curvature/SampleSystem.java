package dev.krongauss.curvature;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.RootSpace;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.SampleProducts;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.List;

/**
 * The exact step in the space of residuals: with ∇ = S z + rest for the outputs' gradient, u = ηθ +
 * 1/N Σ Jᵀ rest, so that g = u + Bᵀz / N,
 *
 * <pre>
 *   (BBᵀ / N + μI) y = z − B u / μ,      Δ = −u / μ − Bᵀy / N
 * </pre>
 *
 * <p>J is never formed: the matrix is the Hadamard product of Grams ({@link
 * dev.krongauss.kernel.SampleGram}). Without L2, and for a loss whose gradient is in the range of
 * its curvature, u = 0, and nothing is divided by μ. The residual of the system is z + BΔ − μy,
 * whatever y was. Where N K is more than P, residuals that no weight can reach make y as large as
 * they are over μ: parameter space is more exact there, and smaller.
 */
final class SampleSystem extends ExactSystem {
  private final SquareRootChain chain;
  private final SampleProducts products;
  private final List<Matrix> base;
  private final List<Matrix> rest;
  private final Residuals z;
  private final Residuals y;
  private final Residuals residual;
  private final Residuals correction;
  private final Buffer scratch;
  private final Buffer square;

  /** A vector of residuals as [K][N], [K N][1] and [1][K N]: one memory. */
  private record Residuals(Matrix byRoot, Matrix column, Matrix row) {
    static Residuals of(Buffer memory, int K, int N) {
      long p = memory.pointer();
      return new Residuals(
          Matrix.wrap(p, K, N, N), Matrix.wrap(p, K * N, 1, 1), Matrix.wrap(p, 1, K * N, K * N));
    }
  }

  SampleSystem(
      Model model,
      LossFunction loss,
      LossFunction.OnDevice onDevice,
      Operations operations,
      Settings settings,
      int N) {
    super(model, loss, onDevice, operations, settings, N);
    Check.that(
        K <= RootSpace.MOST_ROOTS,
        "loss '%s' has %d residuals a datapoint; sample space takes at most %d: solve in parameter"
            + " space",
        loss.name(),
        K,
        RootSpace.MOST_ROOTS);
    Check.that(
        !settings.marquardt(),
        "marquardt() damps by the diagonal of the weights' matrix, which sample space does not have;"
            + " solve in parameter space");
    chain = new SquareRootChain(arena, operations, model.parameters(), N * K);
    products = new SampleProducts(operations, arena, N);
    base = like(model.parameters(), "-u / mu");
    rest = like(model.parameters(), "u");
    z = residuals("z");
    y = residuals("y");
    residual = residuals("residual");
    correction = residuals("correction");
    scratch = arena.floats(reduce.scratchFloats(List.of(z.row())), "reduction scratch");
    square = arena.floats(1, "squared residual");
    allocate(N * K);
  }

  @Override
  void form(Matrix matrix, Stream s) {
    List<LayerTrace> traces = model.traces();
    List<Matrix> C = chain.of(top, traces, 0, N, s);
    products.gram(s, traces.stream().map(LayerTrace::input).toList(), C, 1f / N, matrix);
  }

  @Override
  public void solve(Point at, Places places, List<Matrix> direction, Stream s) {
    begin(at, places, direction, s);
    for (int k = 0; k <= settings.refinements(); k++) {
      residual(direction, places, 0, s);
      operations.symmetricLeft(s, inverse, residual.column(), 1, correction.column());
      update.apply(s, List.of(y.row()), List.of(correction.row()), one.pointer(), 0);
      rootSpace.combine(s, top, y.byRoot(), outputs);
      model.backward(outputs, 0, product, s);
      for (int l = 0; l < product.size(); l++) {
        hadamard.add(s, base.get(l), -1, product.get(l), direction.get(l));
      }
    }
    residual(direction, places, places.curvature(), s);
    error(places, s);
  }

  /** ρᵀ M (M + μI)⁻¹ ρ / N of the residual ρ: that of y which B does not see is no error of Δ. */
  private void error(Places places, Stream s) {
    operations.symmetricLeft(s, inverse, residual.column(), -1, correction.column());
    s.copy(residual.row(), y.row());
    update.apply(s, List.of(y.row()), List.of(correction.row()), places.damping(), 0);
    reduce.dot(s, List.of(residual.row()), List.of(y.row()), scratch.pointer(), square.pointer());
    reduce.sum(s, square.pointer(), 1, 1f / N, places.error2());
  }

  /** y = 0 and Δ = −u / μ. */
  private void begin(Point at, Places places, List<Matrix> direction, Stream s) {
    rootSpace.split(s, top, at.outputGradient(), z.byRoot(), outputs);
    model.backward(outputs, settings.l2(), rest, s);
    clear(base, s);
    update.apply(s, base, rest, places.inverse(), 0);
    copy(base, direction, s);
    s.clear(y.row().pointer(), 4L * K * N);
  }

  /** z + BΔ − μy. */
  private void residual(List<Matrix> direction, Places places, long curvature, Stream s) {
    Matrix v = tangent(direction, curvature, s);
    rootSpace.project(s, top, v, z.byRoot(), y.byRoot(), places.damping(), residual.byRoot());
  }

  private Residuals residuals(String name) {
    return Residuals.of(arena.floats((long) K * N, name), K, N);
  }
}
