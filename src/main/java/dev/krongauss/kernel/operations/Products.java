package dev.krongauss.kernel.operations;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Gram;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.argument.Transfer;
import java.util.List;

/** The products of {@link Operations}, where each is described: shapes, aliasing, errors. */
interface Products {
  /** The same, whose passes are those of {@link Passes#apart}. */
  Products apart(int pieceRows);

  void product(
      Stream s,
      boolean transposeA,
      Matrix A,
      boolean transposeB,
      Matrix B,
      float alpha,
      float beta,
      Matrix C);

  void forward(
      Stream s, Matrix input, Matrix W, Transfer f, float slope, Matrix output, Matrix derivative);

  void lowrank(Stream s, Matrix C, Matrix W, Matrix derivative, int K, Matrix out);

  void gradients(
      Stream s,
      List<Matrix> delta,
      List<Matrix> a,
      float alpha,
      float beta,
      List<Matrix> W,
      List<Matrix> g);

  void tangent(
      Stream s, Matrix input, Matrix D, Matrix tangent, Matrix W, Matrix derivative, Matrix out);

  void tangents(Stream s, Link.Tangents link);

  void recursion(Stream s, Matrix G, Matrix W, Matrix moment, Matrix product, Matrix below);

  void gram(Stream s, Matrix X, float alpha, float beta, Matrix S);

  void grams(Stream s, List<Gram.Item> items, long restart, Gram.Workspace workspace);

  void symmetricLeft(Stream s, Matrix S, Matrix B, float alpha, Matrix C);

  void symmetricRight(Stream s, Matrix B, Matrix S, float alpha, Matrix C);

  void twoSided(
      Stream s, List<Matrix> S, List<Matrix> B, List<Matrix> T, List<Matrix> half, List<Matrix> C);

  void twoSidedWhole(
      Stream s, List<Matrix> S, List<Matrix> B, List<Matrix> T, List<Matrix> half, List<Matrix> C);
}
