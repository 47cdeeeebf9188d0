package dev.krongauss.curvature;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Conjugate;
import dev.krongauss.kernel.Equilibrate;
import dev.krongauss.kernel.Linearised.Term;
import dev.krongauss.kernel.argument.Going;
import java.util.List;

/**
 * The exact step in the space of weights: C = BᵀB / N by chunks of datapoints, rows of B being c_l
 * ⊗ ā_{l-1} of all layers side by side, weights row by row; Δ = −(C + μI)⁻¹ g. A row of a datapoint
 * that is several rows of the batch is the sum over these.
 *
 * <p>With Marquardt's damping A + λ diag A of A = C + ηI is e⁻¹ (e A e + λI) e⁻¹, e the inverse
 * roots of the diagonal: the scaled matrix is damped by λI, and e (e A e + λI)⁻¹ e is the inverse.
 */
class ParameterSystem extends ExactSystem {
  final JacobianRows rows;
  final int chunk;
  final int P;
  final long negative;
  final long z;
  final long p;
  final long residuals;
  private final Equilibrate equilibrate;
  private final Matrix e;
  private final long x;
  private final long r;
  private final long q;
  private final long bent;
  private final int residualCount;

  ParameterSystem(Parts of) {
    this(of, null);
    allocate(P);
  }

  /** But for the matrix. */
  ParameterSystem(Parts of, ExactCut cut) {
    super(of, cut);
    P = passes.weights();
    int most = operations.averagesGrams() ? Integer.MAX_VALUE : ExactMemory.cached(K, P);
    int once = cut == null ? N : cut.most();
    chunk = Math.min(most, ExactMemory.chunk(once / stack, K, P));
    rows = new JacobianRows(arena, operations, model, chunk * K, stack);
    equilibrate = new Equilibrate(model.device());
    e =
        settings.marquardt()
            ? wrap(arena.floats(P, "inverse roots of the diagonal").pointer())
            : null;
    negative = vector(P, "minus the gradient");
    x = vector(P, "solution");
    r = vector(P, "residual");
    z = vector(P, "preconditioned residual");
    p = vector(P, "direction of the iteration");
    q = vector(P, "product with it");
    bent = settings.geodesic() ? vector(P, "acceleration") : 0;
    residualCount = K * (cut == null ? N : Math.multiplyExact(cut.chunks(), once));
    residuals = vector(residualCount, "changes of the residuals");
  }

  private Matrix wrap(long floats) {
    return Matrix.wrap(floats, 1, P, P);
  }

  @Override
  public void gradient(Point at, Stream s) {
    passes.begin(s);
    float l2 = settings.l2();
    passes.kernel().widen(s, model.parameters(), z);
    passes.back(s, at.outputGradient(), N, new Term(l2, 0, false, null, z), p);
    passes.sumAgain(s, -N, new Term(-l2, 0, false, null, z), negative);
    passes.kernel().round(s, 0, p, at.gradients(), 0);
  }

  @Override
  void form(Point at, Matrix matrix, Stream s) {
    roots(at, top, s);
    grams(top, N, matrix, s);
    equilibrate(matrix, s);
  }

  /** M = 1/N BᵀB of the count rows of the last forward pass, whose square roots these are. */
  final void grams(Matrix roots, int count, Matrix M, Stream s) {
    for (int first = 0; first < count / stack; first += chunk) {
      int n = Math.min(chunk, count / stack - first);
      Matrix B = rows.of(roots.rows(first * stack * K, n * stack * K), first, n, s);
      operations.gram(s, B, 1f / N, first == 0 ? 0 : 1, M);
    }
  }

  final void equilibrate(Matrix matrix, Stream s) {
    if (e != null) {
      equilibrate.scale(s, matrix, settings.l2(), e);
    }
  }

  @Override
  public boolean onlyPreconditions() {
    return true;
  }

  @Override
  public void solve(Point at, Places places, List<Matrix> direction, Stream s) {
    copy(s, P, negative, r);
    start(0, places.trust(), s);
    iterate(places, x, TOLERANCE, s);
    passes.kernel().round(s, 0, x, direction, p);
    change(null, s);
    conjugate.finish(
        s,
        P,
        x,
        negative,
        r,
        e,
        settings.l2(),
        places.damping(),
        new Conjugate.Rounding(residuals, residualCount, N),
        new Conjugate.Results(places.curvature(), places.scaled2(), places.error2()));
  }

  @Override
  public void accelerate(Places places, long wanted, List<Matrix> acceleration, Stream s) {
    start(wanted, places.trust(), s);
    bend(x, r, s);
    iterate(places, bent, ROUGHLY, s);
    passes.kernel().round(s, 0, bent, acceleration, 0);
  }

  /** The changes Sᵀ J p of all residuals. */
  void change(Going going, Stream s) {
    passes.forward(s, going, top, p, residuals);
  }

  /** out = C p and the term. */
  void product(Term damping, long out, Stream s) {
    change(conjugate.going(), s);
    passes.back(s, conjugate.going(), top, residuals, N, damping, out);
  }

  /** out = −1/N Σ Jᵀ H h'' along a solution. */
  void bend(long along, long out, Stream s) {
    passes.bend(s, conjugate.going(), top, along, residuals);
    passes.back(s, conjugate.going(), top, residuals, -N, Term.NONE, out);
  }

  /** Solves for r, which becomes the residual. */
  private void iterate(Places places, long solution, float tolerance, Stream s) {
    clear(s, P, solution, p, q);
    Term damping = new Term(e == null ? 0 : settings.l2(), places.damping(), false, e, p);
    for (int k = 0; k <= settings.refinements() + 1; k++) {
      boolean last = k > settings.refinements();
      precondition(P, e, r, z, s);
      conjugate.turn(s, P, r, z, p, q, tolerance, last);
      if (!last) {
        product(damping, q, s);
        conjugate.advance(s, P, p, q, solution, r);
      }
    }
  }
}
