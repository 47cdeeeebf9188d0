package dev.krongauss.curvature;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.ArrayList;
import java.util.List;

/**
 * The exact step in the space of weights: C = BᵀB / N by chunks of datapoints, rows of B being c_l
 * ⊗ ā_{l-1} of all layers side by side, weights row by row; Δ = −(C + μI)⁻¹ g.
 *
 * <p>The residual g + (C + μI) Δ is that of a tangent and a backward pass, not of the matrix in
 * memory; its product with (C + μI)⁻¹ of itself is the square of the error.
 */
final class ParameterSystem extends ExactSystem {
  private final JacobianRows rows;
  private final int chunk;
  private final List<Matrix> residual;
  private final List<Matrix> correction;
  private final Flat flatResidual;
  private final Flat flatCorrection;
  private final Buffer scratch;
  private final Buffer square;
  private final Scaling scaling;

  /** All weights as one vector: [P][1], [1][P], and as the layers' matrices. */
  private record Flat(Matrix column, Matrix row, List<Matrix> layers) {
    static Flat of(Buffer memory, List<Matrix> W, int P) {
      List<Matrix> layers = new ArrayList<>();
      int place = 0;
      for (Matrix w : W) {
        layers.add(Matrix.wrap(memory.at(place), w.rows(), w.columns(), w.columns()));
        place += w.rows() * w.columns();
      }
      long p = memory.pointer();
      return new Flat(Matrix.wrap(p, P, 1, 1), Matrix.wrap(p, 1, P, P), layers);
    }
  }

  ParameterSystem(
      Model model,
      LossFunction loss,
      LossFunction.OnDevice onDevice,
      Operations operations,
      Settings settings,
      int N) {
    super(model, loss, onDevice, operations, settings, N);
    List<Matrix> W = model.parameters();
    int P = Check.count(ExactMemory.parameters(ExactMemory.widths(W)), "weights of a network");
    chunk = ExactMemory.chunk(N, K, P);
    rows = new JacobianRows(arena, operations, model, chunk * K);
    residual = like(W, "residual");
    correction = like(W, "correction");
    flatResidual = Flat.of(arena.floats(P, "residual"), W, P);
    flatCorrection = Flat.of(arena.floats(P, "correction"), W, P);
    scratch = arena.floats(reduce.scratchFloats(List.of(flatResidual.row())), "reduction scratch");
    square = arena.floats(1, "squared error");
    scaling =
        settings.marquardt() ? new Scaling(arena, model.device().stream(), settings.l2(), P) : null;
    allocate(P);
  }

  @Override
  void form(Matrix matrix, Stream s) {
    for (int first = 0; first < N; first += chunk) {
      int n = Math.min(chunk, N - first);
      Matrix B = rows.of(top.rows(first * K, n * K), first, n, s);
      operations.gram(s, B, 1f / N, first == 0 ? 0 : 1, matrix);
    }
    if (scaling != null) {
      scaling.begin(matrix, s);
    }
  }

  @Override
  public void solve(Point at, Places places, List<Matrix> direction, Stream s) {
    begin(at, direction, s);
    for (int k = 0; k <= settings.refinements(); k++) {
      correct(places, s);
      add(direction, s);
      residual(at, places, direction, k == settings.refinements() ? places.curvature() : 0, s);
    }
    correct(places, s);
    reduce.dot(
        s,
        List.of(flatResidual.row()),
        List.of(flatCorrection.row()),
        scratch.pointer(),
        square.pointer());
    reduce.sum(s, square.pointer(), 1, -1, places.error2());
    if (scaling != null) {
      scaling.norm2(places.scaled2(), s);
    }
  }

  /** Δ = 0, of which the residual is g. */
  private void begin(Point at, List<Matrix> direction, Stream s) {
    clear(correction, s);
    copy(correction, direction, s); // which may lie among other columns
    copy(at.gradients(), residual, s);
    if (scaling != null) {
      scaling.clear(s);
    }
  }

  /** Minus the inverse times the residual. */
  private void correct(Places places, Stream s) {
    copy(residual, flatResidual.layers(), s);
    if (scaling != null) {
      scaling.residual(flatResidual.row(), places.damping(), s);
    }
    operations.symmetricLeft(s, inverse, flatResidual.column(), -1, flatCorrection.column());
  }

  /** Adds the correction to Δ. */
  private void add(List<Matrix> direction, Stream s) {
    if (scaling != null) {
      scaling.correct(flatCorrection.row(), s);
      copy(flatCorrection.layers(), direction, s);
      return;
    }
    copy(flatCorrection.layers(), correction, s);
    update.apply(s, direction, correction, one.pointer(), 0);
  }

  /** g + (C + μI) Δ; with Marquardt's damping g + (C + ηI) Δ, the rest being the scaling's. */
  private void residual(Point at, Places places, List<Matrix> direction, long curvature, Stream s) {
    curved(tangent(direction, curvature, s), s);
    model.backward(outputs, 0, product, s);
    for (int l = 0; l < product.size(); l++) {
      hadamard.add(s, at.gradients().get(l), 1, product.get(l), residual.get(l));
    }
    long damping = scaling == null ? places.damping() : scaling.eta();
    update.apply(s, residual, direction, damping, 0);
  }
}
