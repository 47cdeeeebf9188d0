package dev.krongauss.kernel.operations;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Blas;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Solver;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Average;
import dev.krongauss.kernel.Gram;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.argument.Transfer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The one place where a product, a factorisation or an inverse goes to this project's kernels or to
 * cuBLAS/cuSOLVER: {@link KernelProducts} or {@link LibraryProducts}. Symmetric results are valid
 * in their lower triangle.
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
  private final Products products;
  private final Average average;
  private final boolean chained;

  /**
   * Loads all kernels that are launched: nothing is loaded or allocated as operations are called.
   *
   * @throws IllegalArgumentException if {@code LIBRARIES} is asked for and one did not load, or if
   *     {@code krongauss.chain} is neither on nor off
   */
  public Operations(Device device, Mode mode) {
    Check.that(
        mode != Mode.LIBRARIES || (device.blas().isPresent() && device.solver().isPresent()),
        "mode LIBRARIES needs cuBLAS 12 and cuSOLVER 11, which did not load; use AUTO or KERNELS");
    this.mode = mode;
    this.device = device;
    boolean libraries = mode == Mode.LIBRARIES || (mode == Mode.AUTO && device.isSoftware());
    this.blas = libraries ? device.blas() : Optional.empty();
    // kernels' solves read both halves of an inverse, cuSOLVER leaves one
    this.solver = blas.isPresent() ? device.solver() : Optional.empty();
    this.products =
        blas.isPresent() ? new LibraryProducts(device, blas.get()) : new KernelProducts(device);
    this.average = new Average(device);
    this.chained = Passes.chained();
  }

  /**
   * The operations chosen by {@code -Dkrongauss.operations=auto|kernels|libraries} (default auto).
   *
   * @throws IllegalArgumentException for another value
   */
  public static Operations of(Device device) {
    return new Operations(device, ModeProperty.mode());
  }

  public Device device() {
    return device;
  }

  /**
   * Whether {@link #factorisation} and {@link #ladder} can be captured: not where a GPU's cuSOLVER
   * computes them, which allocates and waits. SoftCUDA captures its library's calls.
   */
  public boolean capturesFactorisations() {
    return !librarySolver() || device.isSoftware();
  }

  public Mode mode() {
    return mode;
  }

  /**
   * Passes through all layers; what they need of device memory belongs to {@code arena}. With this
   * project's kernels one launch a pass, or with {@code -Dkrongauss.chain=off} one a product, which
   * gives the same bits.
   *
   * @param widths of all layers, where other passes than forwards and of one tangent are wanted
   */
  public Passes passes(Arena arena, int... widths) {
    if (blas.isPresent()) {
      return Passes.each(device, products);
    }
    return chained ? Passes.chain(device, arena, widths) : Passes.alone(device, arena, widths);
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
    products.product(s, transposeA, A, transposeB, B, alpha, beta, C);
  }

  /**
   * h = ā Wᵀ, output = f(h), derivative = f'(h).
   *
   * @param input ā [N][i + 1]; W is [o][i + 1]
   * @param output [N][o]; so is derivative, or null
   */
  public void forward(
      Stream s, Matrix input, Matrix W, Transfer f, float slope, Matrix output, Matrix derivative) {
    products.forward(s, input, W, f, slope, output, derivative);
  }

  /**
   * Square-root factors or gradients back through a layer: out = derivative ∘ (C W), bias column
   * left out.
   *
   * @param C [n·K][o]; W is [o][i + 1]
   * @param derivative [n][i]; out is [n·K][i]
   */
  public void lowrank(Stream s, Matrix C, Matrix W, Matrix derivative, int K, Matrix out) {
    products.lowrank(s, C, W, derivative, K, out);
  }

  /**
   * Gradients of all layers: g = alpha deltaᵀ a + beta W.
   *
   * @param delta [N][o] of each layer; a is ā [N][i + 1]
   * @param W [o][i + 1] of each layer, as g; not read if beta is 0
   */
  public void gradients(
      Stream s,
      List<Matrix> delta,
      List<Matrix> a,
      float alpha,
      float beta,
      List<Matrix> W,
      List<Matrix> g) {
    products.gradients(s, delta, a, alpha, beta, W, g);
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
    products.tangent(s, input, D, tangent, W, derivative, out);
  }

  /** Tangents of all directions through a layer, of its own and of those below: {@code link}. */
  public void tangents(Stream s, Link.Tangents link) {
    products.tangents(s, link);
  }

  /**
   * KFRA's recursion: below = (Wᵀ G W) ∘ moment, bias column left out; two launches with this
   * project's kernels.
   *
   * @param G Ḡ of the layer above [o][o], lower, or the diagonal [1][o] of a diagonal one
   * @param W [o][i + 1]
   * @param moment 1/N Σ_n b_n b_nᵀ [i][i], lower
   * @param product scratch [o][i]
   * @param below Ḡ [i][i], lower
   */
  public void recursion(Stream s, Matrix G, Matrix W, Matrix moment, Matrix product, Matrix below) {
    products.recursion(s, G, W, moment, product, below);
  }

  /** S = alpha XᵀX + beta S, lower triangle; X [M][d], S [d][d], beta 0 or 1. */
  public void gram(Stream s, Matrix X, float alpha, float beta, Matrix S) {
    Check.that(beta == 0 || beta == 1, "beta %s of a Gram matrix is neither 0 nor 1", beta);
    products.gram(s, X, alpha, beta, S);
  }

  /**
   * Whether {@link #grams} works: with this project's kernel, which takes all layers and averages
   * in one launch. A library takes one matrix a call and knows no average.
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
    products.grams(s, items, restart, workspace);
  }

  /**
   * S = beta S + (1 − beta) X, lower triangles or diagonals [1][d], of several layers in one
   * launch, which counts the batch of each; every beta is 0 if the int at {@code restart} (or 0) is
   * positive.
   */
  public void averages(Stream s, List<Average.Item> items, long restart) {
    average.lower(s, items, restart);
  }

  /** C = alpha S B; S symmetric, lower triangle read, or the diagonal [1][n] of a diagonal one. */
  public void symmetricLeft(Stream s, Matrix S, Matrix B, float alpha, Matrix C) {
    products.symmetricLeft(s, S, B, alpha, C);
  }

  /** C = alpha B S; S symmetric, lower triangle read. */
  public void symmetricRight(Stream s, Matrix B, Matrix S, float alpha, Matrix C) {
    products.symmetricRight(s, B, S, alpha, C);
  }

  /**
   * C_l = −S_l B_l T_l for every layer: S [n][n], or the diagonal [1][n], and T [m][m] symmetric,
   * lower triangles read; B, C, which may be B, and scratch {@code half} [n][m].
   */
  public void twoSided(
      Stream s, List<Matrix> S, List<Matrix> B, List<Matrix> T, List<Matrix> half, List<Matrix> C) {
    products.twoSided(s, S, B, T, half, C);
  }

  /** The same with inverses of {@link #factorisation} or {@link #ladder}: all there is is read. */
  public void solves(
      Stream s, List<Matrix> S, List<Matrix> B, List<Matrix> T, List<Matrix> half, List<Matrix> C) {
    products.twoSidedWhole(s, S, B, T, half, C);
  }

  /**
   * Prepares X[c][m] = (S[m] + damping[c][m] I)⁻¹ for all matrices and candidates: by one launch of
   * this project's kernel, or a library's calls on SoftCUDA. Allocates from {@code arena} and
   * waits, once.
   *
   * @param S symmetric [n][n], lower triangle read, or diagonals [1][n]; never written
   * @param X for each candidate as many, of the same shapes; lower triangles are valid afterwards
   * @throws IllegalArgumentException if shapes or counts do not fit
   */
  public Factorisation factorisation(Arena arena, List<Matrix> S, List<List<Matrix>> X) {
    return librarySolver()
        ? new LibraryFactorisation(device, solver.get(), arena, S, X)
        : KernelFactorisation.of(device, arena, S, X);
  }

  /**
   * Prepares X[m] = (S[m] + damping[r][m] I)⁻¹ with the first rung r at which all matrices are
   * positive definite, found on the device; rungs behind it are not computed, and their infos stay
   * as they were. If there is none, X is of no use. Allocates from {@code arena} and waits, once.
   *
   * @param S as for {@link #factorisation}
   * @param X as many matrices, of the same shapes
   * @param rungs number of dampings, in the order in which they are tried
   * @throws IllegalArgumentException if shapes or counts do not fit
   */
  public Factorisation ladder(Arena arena, List<Matrix> S, List<Matrix> X, int rungs) {
    Factorisation first = librarySolver() ? factorisation(arena, S, List.of(X)) : null;
    return KernelFactorisation.ladder(device, arena, S, X, first, rungs);
  }

  /** One rung of {@link #ladder} behind the first, to its bits, for those who climb themselves. */
  public Factorisation climbing(Arena arena, List<Matrix> S, List<Matrix> X) {
    return KernelFactorisation.of(device, arena, S, List.of(X));
  }

  /** As {@link #ladder} of a matrix of which a library gives solutions; null where none does. */
  public DampedSolver solver(Arena arena, Matrix S, Matrix X, int rungs) {
    return blas.isPresent() && librarySolver()
        ? new DampedSolver(device, solver.get(), arena, S, X, rungs)
        : null;
  }

  private boolean librarySolver() {
    return solver.isPresent() && (mode == Mode.LIBRARIES || device.isSoftware());
  }

  @Override
  public String toString() {
    return mode.name().toLowerCase(Locale.ROOT)
        + (blas.isPresent() ? " (cuBLAS, cuSOLVER)" : " (kernels)");
  }
}
