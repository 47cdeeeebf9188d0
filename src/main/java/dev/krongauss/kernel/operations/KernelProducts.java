package dev.krongauss.kernel.operations;

import static dev.krongauss.kernel.tile.Tiles.withoutBias;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Gradient;
import dev.krongauss.kernel.Gram;
import dev.krongauss.kernel.Matmul;
import dev.krongauss.kernel.Solve;
import dev.krongauss.kernel.Tangents;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.argument.Past;
import dev.krongauss.kernel.argument.Transfer;
import java.util.List;

/** Products of this project's kernels: the epilogue in the same pass, all layers in one launch. */
final class KernelProducts implements Products {
  private final Matmul matmul;
  private final Gradient gradient;
  private final Gram gram;
  private final Solve solve;
  private final Tangents tangents;

  KernelProducts(Device device) {
    matmul = new Matmul(device);
    gradient = new Gradient(device);
    gram = new Gram(device);
    solve = new Solve(device);
    tangents = new Tangents(device);
  }

  /** One kernel computes products of all sizes. */
  @Override
  public Products apart(int pieceRows) {
    return this;
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
    matmul.product(s, op(transposeA), A, op(transposeB), B, alpha, beta, C);
  }

  @Override
  public void forward(
      Stream s, Matrix input, Matrix W, Transfer f, float slope, Matrix output, Matrix derivative) {
    matmul.forward(s, input, W, f, slope, output, derivative);
  }

  @Override
  public void lowrank(Stream s, Matrix C, Matrix W, Matrix derivative, int K, Matrix out) {
    matmul.lowrank(s, C, W, derivative, K, out);
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
    gradient.all(s, delta, a, alpha, beta, W, g);
  }

  @Override
  public void tangent(
      Stream s, Matrix input, Matrix D, Matrix tangent, Matrix W, Matrix derivative, Matrix out) {
    matmul.tangent(s, input, D, tangent, W, derivative, out);
  }

  @Override
  public void tangents(Stream s, Link.Tangents link) {
    tangents.layer(s, link);
  }

  @Override
  public void recursion(Stream s, Matrix G, Matrix W, Matrix moment, Matrix product, Matrix below) {
    solve.leftStatistic(s, G, withoutBias(W, G.columns(), below.rows()), product);
    matmul.recursion(s, product, W, moment, below);
  }

  @Override
  public void gram(Stream s, Matrix X, float alpha, float beta, Matrix S) {
    grams(s, List.of(new Gram.Item(X, alpha, Past.NONE, beta != 0, S)), 0, null);
  }

  @Override
  public void grams(Stream s, List<Gram.Item> items, long restart, Gram.Workspace workspace) {
    gram.accumulate(s, items, restart, workspace);
  }

  @Override
  public void symmetricLeft(Stream s, Matrix S, Matrix B, float alpha, Matrix C) {
    solve.left(s, List.of(S), List.of(B), alpha, List.of(C));
  }

  @Override
  public void symmetricRight(Stream s, Matrix B, Matrix S, float alpha, Matrix C) {
    solve.right(s, List.of(B), List.of(S), alpha, List.of(C));
  }

  @Override
  public void twoSided(
      Stream s, List<Matrix> S, List<Matrix> B, List<Matrix> T, List<Matrix> half, List<Matrix> C) {
    solve.left(s, S, B, 1, half);
    solve.right(s, half, T, -1, C);
  }

  @Override
  public void twoSidedWhole(
      Stream s, List<Matrix> S, List<Matrix> B, List<Matrix> T, List<Matrix> half, List<Matrix> C) {
    solve.leftWhole(s, S, B, 1, half);
    solve.rightWhole(s, half, T, -1, C);
  }

  private static Matmul.Op op(boolean transpose) {
    return transpose ? Matmul.Op.T : Matmul.Op.N;
  }
}
