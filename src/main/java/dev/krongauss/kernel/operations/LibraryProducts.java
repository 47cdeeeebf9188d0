package dev.krongauss.kernel.operations;

import static dev.krongauss.kernel.tile.Tiles.withoutBias;

import dev.krongauss.device.Blas;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Epilogue;
import dev.krongauss.kernel.Gram;
import dev.krongauss.kernel.Solve;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.argument.Transfer;
import dev.krongauss.kernel.tile.Tiles;
import java.util.List;

/**
 * Products of cuBLAS, one call a layer. They have no epilogue of their own, so that each is
 * followed by the element-wise kernel of {@link Epilogue}; products with a diagonal matrix are this
 * project's ({@link Solve}).
 */
final class LibraryProducts implements Products {
  private final Device device;
  private final Blas blas;
  private final Epilogue epilogue;
  private final Solve solve;
  private final int pieceRows; // of passes; 0 for all rows together

  LibraryProducts(Device device, Blas blas) {
    this(device, blas, new Epilogue(device), new Solve(device), 0);
  }

  private LibraryProducts(Device device, Blas blas, Epilogue epilogue, Solve solve, int pieceRows) {
    this.device = device;
    this.blas = blas;
    this.epilogue = epilogue;
    this.solve = solve;
    this.pieceRows = pieceRows;
  }

  @Override
  public Products apart(int pieceRows) {
    return new LibraryProducts(device, blas, epilogue, solve, pieceRows);
  }

  @Override
  public void product(
      Stream s,
      boolean transposeA,
      Matrix A,
      boolean transposeB,
      Matrix B,
      float alpha,
      float beta,
      Matrix C) {
    blas.gemm(s, transposeA, A, transposeB, B, alpha, beta, C);
  }

  @Override
  public void forward(
      Stream s, Matrix input, Matrix W, Transfer f, float slope, Matrix output, Matrix derivative) {
    rows(s, input, true, W, 0, output);
    if (f != Transfer.IDENTITY || derivative != null) {
      epilogue.forward(s, output, f, slope, output, derivative);
    }
  }

  @Override
  public void lowrank(Stream s, Matrix C, Matrix W, Matrix derivative, int K, Matrix out) {
    rows(s, C, false, withoutBias(W, C.columns(), out.columns()), 0, out);
    epilogue.scaleRows(s, out, derivative, K);
  }

  @Override
  public void gradients(
      Stream s,
      List<Matrix> delta,
      List<Matrix> a,
      float alpha,
      float beta,
      List<Matrix> W,
      List<Matrix> g) {
    for (int l = 0; l < g.size(); l++) {
      if (beta != 0) {
        s.copy(W.get(l), g.get(l));
      }
      blas.gemm(s, true, delta.get(l), false, a.get(l), alpha, beta, g.get(l));
    }
  }

  @Override
  public void tangent(
      Stream s, Matrix input, Matrix D, Matrix tangent, Matrix W, Matrix derivative, Matrix out) {
    rows(s, input, true, D, 0, out);
    if (tangent != null) {
      Matrix weights = withoutBias(W, D.rows(), tangent.columns());
      rows(s, tangent, true, weights, 1, out);
    }
    if (derivative != null) {
      epilogue.scaleRows(s, out, derivative, 1);
    }
  }

  /** Both products go into their rows of the result, and one epilogue over all of them. */
  @Override
  public void tangents(Stream s, Link.Tangents link) {
    int below = link.below();
    if (below > 0) {
      rows(s, link.tangents(), true, link.W(), 0, link.out().rows(0, below));
    }
    Matrix own = link.out().rows(below, link.input().rows());
    rows(s, link.input(), true, link.D(), 0, own);
    if (link.derivative() != null) {
      epilogue.scaleChunks(s, link.out(), link.derivative());
    }
  }

  /**
   * C = A op(B) + beta C: all rows of A at once, or piece by piece where a piece's product is one
   * of those for which the library has other kernels.
   */
  private void rows(Stream s, Matrix A, boolean transposed, Matrix B, float beta, Matrix C) {
    int n = A.rows();
    int each = pieceRows > 0 && RowBlock.of(device).small(pieceRows, A, C) ? pieceRows : n;
    for (int first = 0; first < n; first += each) {
      int count = Math.min(each, n - first);
      Matrix out = C.rows(first, count);
      blas.gemm(s, false, A.rows(first, count), transposed, B, 1, beta, out);
    }
  }

  @Override
  public void recursion(Stream s, Matrix G, Matrix W, Matrix moment, Matrix product, Matrix below) {
    Matrix weights = withoutBias(W, G.columns(), below.rows());
    symmetricLeft(s, G, weights, 1, product);
    blas.symmetricProduct(s, product, weights, below);
    epilogue.hadamardLower(s, below, moment);
  }

  @Override
  public void gram(Stream s, Matrix X, float alpha, float beta, Matrix S) {
    blas.gram(s, X, alpha, beta, S);
  }

  @Override
  public void grams(Stream s, List<Gram.Item> items, long restart, Gram.Workspace workspace) {
    throw new IllegalStateException(
        "a library takes one Gram matrix a call, without an average; use gram and averages");
  }

  @Override
  public void symmetricLeft(Stream s, Matrix S, Matrix B, float alpha, Matrix C) {
    if (Tiles.diagonal(S)) {
      solve.left(s, List.of(S), List.of(B), alpha, List.of(C));
    } else {
      blas.symmetricLeft(s, S, B, alpha, C);
    }
  }

  @Override
  public void symmetricRight(Stream s, Matrix B, Matrix S, float alpha, Matrix C) {
    blas.symmetricRight(s, B, S, alpha, C);
  }

  @Override
  public void twoSided(
      Stream s, List<Matrix> S, List<Matrix> B, List<Matrix> T, List<Matrix> half, List<Matrix> C) {
    for (int l = 0; l < S.size(); l++) {
      symmetricLeft(s, S.get(l), B.get(l), 1, half.get(l));
      blas.symmetricRight(s, half.get(l), T.get(l), -1, C.get(l));
    }
  }

  /** A library reads a triangle. */
  @Override
  public void twoSidedWhole(
      Stream s, List<Matrix> S, List<Matrix> B, List<Matrix> T, List<Matrix> half, List<Matrix> C) {
    twoSided(s, S, B, T, half, C);
  }
}
