package dev.krongauss.kernel.operations;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Epilogue;
import dev.krongauss.kernel.Gram;
import dev.krongauss.kernel.Muon;
import dev.krongauss.kernel.Solve;
import java.util.ArrayList;
import java.util.List;

/**
 * Quintic Newton-Schulz iterations of several matrices: X ← X (a I + b A + c A²) with A = XᵀX,
 * which move every singular value σ to a σ + b σ³ + c σ⁵ and leave the singular vectors alone. Both
 * products of A are symmetric and computed in their lower triangle.
 *
 * <p>With this project's kernels each product of all matrices is one launch; a library takes one
 * matrix a call.
 *
 * <p>Source: Björck, Bowie, "An iterative algorithm for computing the best estimate of an
 * orthogonal matrix", SIAM J. Numer. Anal. 1971; other coefficients: Jordan et al., "Muon", 2024.
 */
public final class NewtonSchulz {
  private final Operations operations;
  private final Muon muon;
  private final Gram gram;
  private final Solve solve;
  private final Epilogue epilogue;
  private final Gram.Workspace workspace;
  private final List<Matrix> A = new ArrayList<>();
  private final List<Matrix> B = new ArrayList<>();

  /**
   * Takes its memory from {@code arena} and loads its kernels: nothing is allocated later.
   *
   * @param widths columns of the matrices that are iterated together
   * @throws IllegalArgumentException if there is none
   */
  public NewtonSchulz(Operations operations, Arena arena, int... widths) {
    Check.that(widths.length > 0, "Newton-Schulz iterations of no matrix at all");
    this.operations = operations;
    Device device = operations.device();
    this.muon = new Muon(device);
    boolean kernels = operations.averagesGrams();
    this.gram = kernels ? new Gram(device) : null;
    this.solve = kernels ? new Solve(device) : null;
    this.epilogue = kernels ? null : new Epilogue(device);
    this.workspace = kernels ? new Gram.Workspace(arena, widths) : null;
    for (int width : widths) {
      A.add(arena.matrix(width, width, "A of Newton-Schulz " + (A.size() + 1)));
      B.add(arena.matrix(width, width, "B of Newton-Schulz " + (B.size() + 1)));
    }
  }

  /**
   * One iteration.
   *
   * @param X [rows][columns] with the columns of the constructor; fastest with no more columns than
   *     rows
   * @param Y shaped like X; the result
   * @throws IllegalArgumentException if counts or shapes do not fit or a Y is its X
   */
  public void iterate(Stream s, List<Matrix> X, float a, float b, float c, List<Matrix> Y) {
    Check.that(
        X.size() == A.size() && Y.size() == A.size(),
        "%d matrices X and %d matrices Y, but memory for %d",
        X.size(),
        Y.size(),
        A.size());
    grams(s, X, A);
    grams(s, A, B);
    muon.polynomial(s, A, B, a, b, c);
    if (solve != null) {
      solve.right(s, X, B, 1, Y);
      return;
    }
    for (int l = 0; l < X.size(); l++) {
      operations.symmetricRight(s, X.get(l), B.get(l), 1, Y.get(l));
    }
  }

  /** S = XᵀX, both halves where X will be a factor itself: A A = AᵀA. */
  private void grams(Stream s, List<Matrix> X, List<Matrix> S) {
    if (gram != null) {
      List<Gram.Item> items = new ArrayList<>();
      for (int l = 0; l < X.size(); l++) {
        items.add(Gram.Item.fresh(X.get(l), 1, S.get(l)));
      }
      gram.accumulate(s, items, 0, workspace);
      return;
    }
    for (int l = 0; l < X.size(); l++) {
      operations.gram(s, X.get(l), 1, 0, S.get(l));
      if (S == A) {
        epilogue.mirror(s, S.get(l));
      }
    }
  }
}
