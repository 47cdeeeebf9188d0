package dev.krongauss.kernel.operations;

import dev.krongauss.device.Arena;
import dev.krongauss.device.BlasCalls;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Solver;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Cholesky;
import dev.krongauss.kernel.CholeskyColumns;
import dev.krongauss.kernel.argument.Going;
import java.util.List;

/**
 * (S + damping I)⁻¹ b by a library, with the first damping that S is positive definite with: by its
 * Cholesky factor, without the inverse, which costs twice the factor. Dampings above the first, of
 * which {@link Going} knows, are left to {@code cholesky_f32}, which inverts.
 */
public final class DampedSolver {
  private final BlasCalls blas;
  private final Solver solver;
  private final CholeskyColumns cholesky;
  private final Cholesky.Plan others;
  private final Matrix S;
  private final Matrix X;
  private final Buffer workspace;
  private final int rungs;

  DampedSolver(Device device, Solver solver, Arena arena, Matrix S, Matrix X, int rungs) {
    this.blas = device.blas().orElseThrow().calls();
    this.solver = solver;
    this.cholesky = new CholeskyColumns(device);
    this.others = new Cholesky(device).plan(arena, List.of(S), List.of(List.of(X)));
    this.S = S;
    this.X = X;
    this.workspace = arena.floats(solver.workspaceFloats(S), "factorisation workspace");
    this.rungs = rungs;
  }

  /**
   * Enqueues the factorisations.
   *
   * @param dampings device address of as many floats as there are rungs
   * @param infos device address of as many ints, each 0 or the column that failed
   */
  public void factorise(Stream s, long dampings, long infos) {
    s.copy(S, X);
    cholesky.addDiagonal(s, X, dampings);
    solver.factorise(s, X, workspace, infos);
    others.climb(s, dampings, infos, 1, rungs);
  }

  /**
   * x = (S + damping I)⁻¹ b; 0 where the iteration has ended.
   *
   * @param b [1][n]
   * @param x [1][n]
   */
  public void solve(Stream s, Going going, Matrix b, Matrix x) {
    s.copy(b, x);
    blas.solve(s, X, x, going.solves());
    blas.multiply(s, X, b, going.multiplies(), going.unit(), x);
  }
}
