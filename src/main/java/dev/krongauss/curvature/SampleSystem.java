package dev.krongauss.curvature;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Conjugate;
import dev.krongauss.kernel.Linearised.Term;
import dev.krongauss.kernel.RootSpace;
import dev.krongauss.kernel.operations.SampleProducts;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.Losses;
import java.util.List;

/**
 * The exact step in the space of residuals: with ∂E/∂h = S z + rest, u = ηθ + 1/N Σ Jᵀ rest, so
 * that g = u + Bᵀz / N, and K = BBᵀ / N,
 *
 * <pre>
 *   (K + μI) y = z − B u / μ,      Δ = −u / μ − Bᵀy / N
 * </pre>
 *
 * <p>J is never formed: the matrix is the Hadamard product of Grams ({@link
 * dev.krongauss.kernel.SampleGram}). Without L2, and for a loss whose gradient is in the range of
 * its curvature, u = 0, and nothing is divided by μ.
 *
 * <p>Where N K is more than P, residuals that no weight can reach make y as large as they are over
 * μ. Bᵀ takes that part to nothing, in double to 2⁻⁵³ of it, and the error of Δ is measured without
 * it: the iteration is that for Δ, in the inner product of K.
 */
final class SampleSystem extends ExactSystem {
  private final SquareRootChain chain;
  private final SampleProducts products;
  private final RootSpace rootSpace;
  private final Matrix z;
  private final Matrix rest;
  private final int P;
  private final int n;
  private final long u;
  private final long x;
  private final long scratch;
  private final long moved;
  private final long z0;
  private final long y;
  private final long r;
  private final long preconditioned;
  private final long product;
  private final long p;
  private final long Kp;

  SampleSystem(Parts of) {
    super(of, null);
    Losses.checkSingleRows(of.loss(), "sample space");
    Check.that(
        !settings.marquardt(),
        "marquardt() damps by the diagonal of the weights' matrix, which sample space does not have;"
            + " solve in parameter space");
    chain = new SquareRootChain(arena, operations, model.parameters(), N * K);
    products = new SampleProducts(operations, arena, N);
    rootSpace = new RootSpace(model.device());
    P = passes.weights();
    n = N * K;
    z = Matrix.wrap(arena.floats(n, "z").pointer(), K, N, N);
    rest = arena.matrix(N, top.columns(), "rest of the outputs' gradient");
    u = vector(P, "u");
    x = vector(P, "solution");
    scratch = vector(P, "of weights");
    moved = vector(n, "changes of the residuals");
    z0 = vector(n, "right side");
    y = vector(n, "y");
    r = vector(n, "residual");
    preconditioned = vector(n, "preconditioned residual");
    product = vector(n, "product with it");
    p = vector(n, "direction of the iteration");
    Kp = vector(n, "product with the direction");
    allocate(n);
  }

  @Override
  public void gradient(Point at, Stream s) {
    passes.begin(s);
    passes.kernel().widen(s, model.parameters(), scratch);
    Term l2 = new Term(settings.l2(), 0, false, null, scratch);
    passes.back(s, at.outputGradient(), N, l2, x);
    passes.kernel().round(s, 0, x, at.gradients(), 0);
  }

  @Override
  void form(Point at, Matrix matrix, Stream s) {
    roots(at, top, s);
    rootSpace.split(s, top, at.outputGradient(), z, rest, matrix.pointer());
    if (RootSpace.needsScratch(K)) {
      s.clear(matrix.pointer(), 4L * matrix.rows() * matrix.stride()); // its padding is 0
    }
    List<LayerTrace> traces = model.traces();
    List<Matrix> C = chain.of(top, traces, 0, N, s);
    products.gram(s, traces.stream().map(LayerTrace::input).toList(), C, 1f / N, matrix);
  }

  /** In K's inner product what lacks would not be bounded. */
  @Override
  public boolean onlyPreconditions() {
    return false;
  }

  @Override
  public void solve(Point at, Places places, List<Matrix> direction, Stream s) {
    Conjugate.Dual v = vectors(places);
    begin(places, s);
    iterate(v, TOLERANCE, s);
    passes.back(s, null, top, y, -N, new Term(0, places.damping(), true, null, u), x);
    passes.kernel().round(s, 0, x, direction, scratch);
    passes.forward(s, null, top, scratch, moved);
    conjugate.finish(
        s,
        v,
        new Conjugate.Rounding(moved, n, N),
        new Conjugate.Results(places.curvature(), places.scaled2(), places.error2()));
  }

  @Override
  public void accelerate(Places places, long wanted, List<Matrix> acceleration, Stream s) {
    Conjugate.Dual v = vectors(places);
    start(wanted, 0, s);
    passes.bend(s, conjugate.going(), top, x, z0);
    copy(s, n, z0, r);
    iterate(v, ROUGHLY, s);
    passes.back(s, null, top, y, -N, Term.NONE, scratch);
    passes.kernel().round(s, 0, scratch, acceleration, 0);
  }

  private Conjugate.Dual vectors(Places places) {
    return new Conjugate.Dual(n, z0, y, r, preconditioned, product, p, Kp, places.damping());
  }

  /** u, and r = z − B u / μ. */
  private void begin(Places places, Stream s) {
    passes.kernel().widen(s, model.parameters(), scratch);
    passes.back(s, rest, N, new Term(settings.l2(), 0, false, null, scratch), u);
    passes.forward(s, null, top, u, moved);
    passes.kernel().widen(s, List.of(z), z0);
    Term base = new Term(0, places.damping(), true, null, moved);
    passes.kernel().sum(s, 0, z0, n, 1, base, r);
    start(0, 0, s);
  }

  /** Solves for r, which becomes the residual. */
  private void iterate(Conjugate.Dual v, float tolerance, Stream s) {
    clear(s, n, y, p, Kp);
    for (int k = 0; k <= settings.refinements() + 1; k++) {
      boolean last = k > settings.refinements();
      precondition(n, null, r, preconditioned, s);
      passes.back(s, conjugate.going(), top, preconditioned, N, Term.NONE, scratch);
      passes.forward(s, conjugate.going(), top, scratch, product);
      conjugate.turn(s, v, tolerance, last);
      if (!last) {
        conjugate.advance(s, v, tolerance);
      }
    }
  }
}
