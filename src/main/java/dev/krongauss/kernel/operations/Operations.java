package dev.krongauss.kernel.operations;

import static dev.krongauss.kernel.tile.Tiles.withoutBias;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Blas;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Solver;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Average;
import dev.krongauss.kernel.Chain;
import dev.krongauss.kernel.Cholesky;
import dev.krongauss.kernel.Epilogue;
import dev.krongauss.kernel.Gradient;
import dev.krongauss.kernel.Gram;
import dev.krongauss.kernel.Matmul;
import dev.krongauss.kernel.Solve;
import dev.krongauss.kernel.argument.Past;
import dev.krongauss.kernel.argument.Transfer;
import dev.krongauss.kernel.tuning.TileChoice;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The one place where a product, a factorisation or an inverse goes to this project's kernels or to
 * cuBLAS/cuSOLVER.
 *
 * <p>A library product has no epilogue of its own, so it is followed by the element-wise kernel of
 * {@link Epilogue}; the project's kernels do both in one pass. Symmetric results are valid in their
 * lower triangle.
 */
public final class Operations {
  /** Who computes. */
  public enum Mode {
    /**
     * The project's kernels on a GPU, where an update then is one graph of few nodes; the libraries
     * on SoftCUDA, where they have the CPU's speed. Kernels where a library did not load.
     */
    AUTO,
    /** The project's kernels for everything. */
    KERNELS,
    /** cuBLAS and cuSOLVER; an error if they are missing. */
    LIBRARIES
  }

  private final Mode mode;
  private final Device device;
  private final Optional<Blas> blas;
  private final Optional<Solver> solver;
  private final Epilogue epilogue;
  private final Average average;
  private final boolean chained;

  // What cuBLAS does, where it is there.
  private final Matmul matmul;
  private final Gradient gradient;
  private final Gram gram;
  private final Solve solve;

  /**
   * Loads all kernels that these operations launch: nothing is loaded, and nothing allocated, as
   * they are called.
   *
   * @throws IllegalArgumentException if {@code LIBRARIES} is asked for and one of them did not
   *     load, or if {@code krongauss.chain} is neither on nor off
   */
  public Operations(Device device, Mode mode) {
    Check.that(
        mode != Mode.LIBRARIES || (device.blas().isPresent() && device.solver().isPresent()),
        "operations mode LIBRARIES needs cuBLAS 12 and cuSOLVER 11, which did not load; use AUTO or"
            + " KERNELS");
    this.mode = mode;
    this.device = device;
    boolean libraries = mode == Mode.LIBRARIES || (mode == Mode.AUTO && device.isSoftware());
    this.blas = libraries ? device.blas() : Optional.empty();
    this.solver = libraries ? device.solver() : Optional.empty();
    this.epilogue = new Epilogue(device);
    this.average = new Average(device);
    this.chained = chained();
    boolean own = blas.isEmpty();
    this.matmul = own ? new Matmul(device) : null;
    this.gradient = own ? new Gradient(device) : null;
    this.gram = own ? new Gram(device) : null;
    this.solve = own ? new Solve(device) : null;
  }

  /**
   * The operations chosen by {@code -Dkrongauss.operations=auto|kernels|libraries} (default auto).
   *
   * @throws IllegalArgumentException for another value
   */
  public static Operations of(Device device) {
    String value = System.getProperty("krongauss.operations", "auto");
    Optional<Mode> mode =
        Arrays.stream(Mode.values()).filter(m -> m.name().equalsIgnoreCase(value)).findFirst();
    Check.that(
        mode.isPresent(),
        "krongauss.operations is '%s'; it must be auto, kernels or libraries",
        value);
    return new Operations(device, mode.orElseThrow());
  }

  /** Where the operations run. */
  public Device device() {
    return device;
  }

  /**
   * Whether {@link #factorisation} and {@link #ladder} can be captured in a graph: not where a
   * GPU's cuSOLVER computes them, which allocates and waits. SoftCUDA captures its library's calls.
   */
  public boolean capturesFactorisations() {
    return !librarySolver() || device.isSoftware();
  }

  /** Who computes, as asked for. */
  public Mode mode() {
    return mode;
  }

  /**
   * Passes through all layers; what they need of device memory belongs to {@code arena}. With this
   * project's kernels one launch a pass, or with {@code -Dkrongauss.chain=off} one a product, which
   * gives the same bits.
   */
  public Passes passes(Arena arena) {
    if (blas.isPresent()) {
      return new Passes(this, Optional.empty(), Optional.empty());
    }
    if (chained) {
      return new Passes(this, Optional.of(new Chain(device, arena)), Optional.empty());
    }
    Singles singles = new Singles(device, new TileChoice(device));
    return new Passes(this, Optional.empty(), Optional.of(singles));
  }

  private static boolean chained() {
    String value = System.getProperty("krongauss.chain", "on");
    Check.that(
        value.equals("on") || value.equals("off"),
        "krongauss.chain is '%s'; it must be on or off",
        value);
    return value.equals("on");
  }

  /** C = alpha op(A) op(B) + beta C, op transposing where asked; C is not read if beta is 0. */
  public void product(
      Stream s,
      boolean transposeA,
      Matrix A,
      boolean transposeB,
      Matrix B,
      float alpha,
      float beta,
      Matrix C) {
    if (blas.isPresent()) {
      blas.get().gemm(s, transposeA, A, transposeB, B, alpha, beta, C);
    } else {
      matmul.product(s, op(transposeA), A, op(transposeB), B, alpha, beta, C);
    }
  }

  /**
   * h = ā Wᵀ, output = f(h), derivative = f'(h).
   *
   * @param input ā [N][i + 1]
   * @param W [o][i + 1]
   * @param output [N][o]
   * @param derivative [N][o] or null
   */
  public void forward(
      Stream s, Matrix input, Matrix W, Transfer f, float slope, Matrix output, Matrix derivative) {
    if (blas.isEmpty()) {
      matmul.forward(s, input, W, f, slope, output, derivative);
      return;
    }
    blas.get().gemm(s, false, input, true, W, 1, 0, output);
    if (f != Transfer.IDENTITY || derivative != null) {
      epilogue.forward(s, output, f, slope, output, derivative);
    }
  }

  /**
   * Square-root factors or gradients back through a layer: out = derivative ∘ (C W), bias column
   * left out.
   *
   * @param C [n·K][o]
   * @param W [o][i + 1]
   * @param derivative [n][i]
   * @param out [n·K][i]
   */
  public void lowrank(Stream s, Matrix C, Matrix W, Matrix derivative, int K, Matrix out) {
    if (blas.isEmpty()) {
      matmul.lowrank(s, C, W, derivative, K, out);
      return;
    }
    blas.get().gemm(s, false, C, false, withoutBias(W, C.columns(), out.columns()), 1, 0, out);
    epilogue.scaleRows(s, out, derivative, K);
  }

  /**
   * Gradients of all layers: g = alpha deltaᵀ a + beta W.
   *
   * @param delta [N][o] of each layer
   * @param a ā [N][i + 1] of each layer
   * @param W [o][i + 1] of each layer, not read if beta is 0
   * @param g of the shapes of W
   */
  public void gradients(
      Stream s,
      List<Matrix> delta,
      List<Matrix> a,
      float alpha,
      float beta,
      List<Matrix> W,
      List<Matrix> g) {
    if (blas.isEmpty()) {
      gradient.all(s, delta, a, alpha, beta, W, g);
      return;
    }
    for (int l = 0; l < g.size(); l++) {
      if (beta != 0) {
        s.copy(W.get(l), g.get(l));
      }
      blas.get().gemm(s, true, delta.get(l), false, a.get(l), alpha, beta, g.get(l));
    }
  }

  /**
   * Tangent of a layer: out = derivative ∘ (ā Δᵀ + v Wᵀ), with W's bias column left out.
   *
   * @param input ā [N][i + 1]
   * @param D Δ [o][i + 1]
   * @param tangent v [N][i], null for the first layer, whose input does not move
   * @param derivative [N][o], null for the output layer
   * @param out [N][o]
   */
  public void tangent(
      Stream s, Matrix input, Matrix D, Matrix tangent, Matrix W, Matrix derivative, Matrix out) {
    if (blas.isEmpty()) {
      matmul.tangent(s, input, D, tangent, W, derivative, out);
      return;
    }
    blas.get().gemm(s, false, input, true, D, 1, 0, out);
    if (tangent != null) {
      Matrix weights = withoutBias(W, D.rows(), tangent.columns());
      blas.get().gemm(s, false, tangent, true, weights, 1, 1, out);
    }
    if (derivative != null) {
      epilogue.scaleRows(s, out, derivative, 1);
    }
  }

  /**
   * KFRA's recursion: below = (Wᵀ G W) ∘ moment, bias column left out; two launches with this
   * project's kernels.
   *
   * @param G Ḡ of the layer above [o][o], lower
   * @param W [o][i + 1]
   * @param moment 1/N Σ_n b_n b_nᵀ [i][i], lower
   * @param product scratch [o][i]
   * @param below Ḡ [i][i], lower
   */
  public void recursion(Stream s, Matrix G, Matrix W, Matrix moment, Matrix product, Matrix below) {
    Matrix weights = withoutBias(W, G.rows(), below.rows());
    if (blas.isPresent()) {
      blas.get().symmetricLeft(s, G, weights, 1, product);
      blas.get().symmetricProduct(s, product, weights, below);
      epilogue.hadamardLower(s, below, moment);
    } else {
      solve.leftStatistic(s, G, weights, product);
      matmul.recursion(s, product, W, moment, below);
    }
  }

  /** S = alpha XᵀX + beta S, lower triangle; X [M][d], S [d][d], beta 0 or 1. */
  public void gram(Stream s, Matrix X, float alpha, float beta, Matrix S) {
    Check.that(beta == 0 || beta == 1, "beta %s of a Gram matrix is neither 0 nor 1", beta);
    if (blas.isPresent()) {
      blas.get().gram(s, X, alpha, beta, S);
    } else {
      grams(s, List.of(new Gram.Item(X, alpha, Past.NONE, beta != 0, S)), 0, null);
    }
  }

  /**
   * Whether {@link #grams} works: Gram matrices are this project's kernel's, which takes all layers
   * and their averages in one launch. A library takes one matrix a call and knows no average.
   */
  public boolean averagesGrams() {
    return blas.isEmpty();
  }

  /**
   * Gram matrices that enter averages, or do not, as {@link Gram#accumulate} does it: one launch.
   *
   * @throws IllegalStateException where {@link #averagesGrams} is false
   */
  public void grams(Stream s, List<Gram.Item> items, long restart, Gram.Workspace workspace) {
    if (!averagesGrams()) {
      throw new IllegalStateException(
          "a library takes one Gram matrix a call, without an average; use gram and averages");
    }
    gram.accumulate(s, items, restart, workspace);
  }

  /**
   * S = beta S + (1 − beta) X, lower triangles, of several layers in one launch, which counts the
   * batch of each; every beta is 0 if the int at {@code restart} (or 0) is positive.
   */
  public void averages(Stream s, List<Average.Item> items, long restart) {
    average.lower(s, items, restart);
  }

  /** C = alpha S B; S symmetric, lower triangle read. */
  public void symmetricLeft(Stream s, Matrix S, Matrix B, float alpha, Matrix C) {
    if (blas.isPresent()) {
      blas.get().symmetricLeft(s, S, B, alpha, C);
    } else {
      solve.left(s, List.of(S), List.of(B), alpha, List.of(C));
    }
  }

  /** C = alpha B S; S symmetric, lower triangle read. */
  public void symmetricRight(Stream s, Matrix B, Matrix S, float alpha, Matrix C) {
    if (blas.isPresent()) {
      blas.get().symmetricRight(s, B, S, alpha, C);
    } else {
      solve.right(s, List.of(B), List.of(S), alpha, List.of(C));
    }
  }

  /**
   * C_l = −S_l B_l T_l for every layer, S and T symmetric (lower triangles read): the two-sided
   * solve with inverse factors.
   *
   * @param S [n][n] of each layer
   * @param B [n][m]
   * @param T [m][m]
   * @param half [n][m], scratch
   * @param C [n][m]
   */
  public void twoSided(
      Stream s, List<Matrix> S, List<Matrix> B, List<Matrix> T, List<Matrix> half, List<Matrix> C) {
    if (blas.isEmpty()) {
      solve.left(s, S, B, 1, half);
      solve.right(s, half, T, -1, C);
      return;
    }
    for (int l = 0; l < S.size(); l++) {
      blas.get().symmetricLeft(s, S.get(l), B.get(l), 1, half.get(l));
      blas.get().symmetricRight(s, half.get(l), T.get(l), -1, C.get(l));
    }
  }

  /**
   * Prepares X[c][m] = (S[m] + damping[c][m] I)⁻¹ for all matrices and candidates: by one launch of
   * this project's kernel, or by a loop of library calls on SoftCUDA, where the library has the
   * CPU's speed. Allocates from {@code arena} and waits, once.
   *
   * @param S symmetric [n][n] of any sizes, lower triangle read, never written
   * @param X for each candidate as many matrices as S, of the same shapes; lower triangles are
   *     valid afterwards
   * @throws IllegalArgumentException if shapes or counts do not fit
   */
  public Factorisation factorisation(Arena arena, List<Matrix> S, List<List<Matrix>> X) {
    if (librarySolver()) {
      return new LibraryFactorisation(device, solver.get(), arena, S, X);
    }
    Cholesky.Plan plan = new Cholesky(device).plan(arena, S, X);
    return (s, damping, info) -> plan.factoriseAndInvert(s, damping, info, 0);
  }

  /**
   * Prepares X[m] = (S[m] + damping[r][m] I)⁻¹ with the first rung r at which all matrices are
   * positive definite, found on the device; rungs behind it are not computed, and their infos stay
   * as they were. If there is none, X is of no use. Allocates from {@code arena} and waits, once.
   *
   * @param S symmetric [n][n] of any sizes, lower triangle read, never written
   * @param X as many matrices, of the same shapes; lower triangles are valid afterwards
   * @param rungs number of dampings, in the order in which they are tried
   * @throws IllegalArgumentException if shapes or counts do not fit
   */
  public Factorisation ladder(Arena arena, List<Matrix> S, List<Matrix> X, int rungs) {
    Cholesky.Plan plan = new Cholesky(device).plan(arena, S, List.of(X));
    Factorisation first =
        librarySolver()
            ? new LibraryFactorisation(device, solver.get(), arena, S, List.of(X))
            : (s, damping, info) -> plan.factoriseAndInvert(s, damping, info, 0);
    return new Ladder(first, plan, rungs);
  }

  private boolean librarySolver() {
    return solver.isPresent() && (mode == Mode.LIBRARIES || device.isSoftware());
  }

  @Override
  public String toString() {
    return mode.name().toLowerCase(Locale.ROOT)
        + (blas.isPresent() ? " (cuBLAS, cuSOLVER)" : " (kernels)");
  }

  private static Matmul.Op op(boolean transpose) {
    return transpose ? Matmul.Op.T : Matmul.Op.N;
  }
}
