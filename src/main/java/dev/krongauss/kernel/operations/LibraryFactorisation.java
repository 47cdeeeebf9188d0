package dev.krongauss.kernel.operations;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Solver;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.CholeskyColumns;
import java.util.List;

/**
 * cuSOLVER's factorisation and inverse, one candidate and one matrix after the other; diagonal ones
 * by this project's kernel.
 */
final class LibraryFactorisation implements Factorisation {
  private final Solver solver;
  private final CholeskyColumns cholesky;
  private final Diagonals diagonals;
  private final List<Matrix> S;
  private final List<List<Matrix>> X;
  private final Buffer workspace;
  private final Buffer infoOfInverse;

  LibraryFactorisation(
      Device device, Solver solver, Arena arena, List<Matrix> S, List<List<Matrix>> X) {
    this.solver = solver;
    this.cholesky = new CholeskyColumns(device);
    this.diagonals = new Diagonals(device, S, X);
    this.S = List.copyOf(S);
    this.X = List.copyOf(X);
    int floats = diagonals.others(S).stream().mapToInt(solver::workspaceFloats).max().orElse(1);
    workspace = arena.floats(floats, "factorisation workspace");
    infoOfInverse = arena.ints(1, "info of the inverse"); // follows from the factorisation's
  }

  @Override
  public void run(Stream s, long damping, long info) {
    for (int c = 0; c < X.size(); c++) {
      long row = 4L * c * S.size();
      for (int m : diagonals.others()) {
        Matrix inverse = X.get(c).get(m);
        s.copy(S.get(m), inverse);
        cholesky.addDiagonal(s, inverse, damping + row + 4L * m);
        solver.factorise(s, inverse, workspace, info + row + 4L * m);
        solver.invert(s, inverse, workspace, infoOfInverse.pointer());
      }
    }
    diagonals.run(s, damping, info);
  }
}
