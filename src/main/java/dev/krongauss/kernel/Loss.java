package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;
import java.util.Locale;

/**
 * Losses of the last layer's pre-activations h, their gradients and the pieces of their Hessian
 * ({@code kernels/loss.cu}; the formulas of each loss are in {@code kernels/loss.cuh}).
 *
 * <p>The Hessian of one datapoint is H = diag(w) for the losses whose outputs are independent and
 * diag(w) - w wᵀ for softmax. Non-finite h or targets give a non-finite loss.
 */
public final class Loss {
  /** From this number of outputs on a block works on a datapoint, below it a warp. */
  private static final int WIDE = 4096;

  /** Columns of a block of the kernels that average over the datapoints. */
  private static final int MEAN_COLUMNS = 32;

  /** Rows of C that a block writes. */
  private static final int ROOT_ROWS = 64;

  /** The losses. */
  public enum Kind {
    /** ½‖h − t‖². */
    SQUARED,
    /** Cross-entropy of independent bits with logits h, targets in [0, 1]. */
    BERNOULLI,
    /** Cross-entropy of one class with logits h, targets one-hot or a probability vector a row. */
    SOFTMAX;

    /** The number of this loss in files and reports. */
    public int code() {
      return ordinal();
    }

    private String suffix() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private record Kernels(
      Function evaluate,
      Function evaluateWide,
      Function mean,
      Function meanWide,
      Function product,
      Function productWide,
      Function vector,
      Function vectorWide,
      Function root,
      Function sampled,
      Function meanHessian) {}

  private final Kernels[] kernels;
  private final Function laplacianDiagonal;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Loss(Device device) {
    Kind[] kinds = Kind.values();
    kernels = new Kernels[kinds.length];
    for (Kind kind : kinds) {
      kernels[kind.code()] = load(device, kind);
    }
    laplacianDiagonal = device.function("loss", "loss_laplacian_diagonal_f32");
  }

  /**
   * E_n and ∂E_n/∂h_n in one pass.
   *
   * @param h [N][d]
   * @param t targets [N][d]
   * @param gradient [N][d], may be h or t; null if not wanted
   * @param lossPerDatapoint device address of N floats
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void evaluate(
      Stream s, Kind kind, Matrix h, Matrix t, Matrix gradient, long lossPerDatapoint) {
    Check.shape(t, h.rows(), h.columns(), "targets");
    if (gradient != null) {
      Check.shape(gradient, h.rows(), h.columns(), "gradient");
    }
    Tiles.rowForRow(gradient, h, "gradient", "h");
    Tiles.rowForRow(gradient, t, "gradient", "t");
    Elements.address(lossPerDatapoint, "the losses");
    Kernels k = of(kind);
    rowGrid(wide(h) ? k.evaluateWide : k.evaluate, s, h)
        .matrix(h)
        .i32(h.stride())
        .matrix(t)
        .i32(t.stride())
        .pointer(gradient == null ? 0 : gradient.pointer())
        .i32(gradient == null ? 0 : gradient.stride())
        .pointer(lossPerDatapoint)
        .i32(h.rows())
        .i32(h.columns())
        .i32(Elements.whole(h, t, gradient))
        .launch();
  }

  /**
   * Square root of the Hessian of each datapoint: C_n C_nᵀ = H_n, column k of C_n in row n d + k.
   *
   * @param h [n][d]
   * @param C [n d][d]
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void squareRoot(Stream s, Kind kind, Matrix h, Matrix C) {
    int d = h.columns();
    Check.shape(C, Check.count((long) h.rows() * d, "rows of C"), d, "C");
    of(kind)
        .root
        .on(s)
        .grid(h.rows(), Tiles.up(d, ROOT_ROWS), 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(h)
        .i32(h.stride())
        .matrix(C)
        .i32(C.stride())
        .i32(d)
        .i32(Tiles.whole(h))
        .i32(Tiles.whole(C))
        .launch();
  }

  /**
   * Mean of the model's distribution of the targets: h, σ(h) or softmax(h).
   *
   * @param h [N][d]
   * @param P [N][d], may be h
   * @throws IllegalArgumentException if the shapes differ
   */
  public void probabilities(Stream s, Kind kind, Matrix h, Matrix P) {
    Check.shape(P, h.rows(), h.columns(), "P");
    Tiles.rowForRow(P, h, "P", "h");
    Kernels k = of(kind);
    rowGrid(wide(h) ? k.meanWide : k.mean, s, h)
        .matrix(h)
        .i32(h.stride())
        .matrix(P)
        .i32(P.stride())
        .i32(h.rows())
        .i32(h.columns())
        .i32(Elements.whole(h, P))
        .launch();
  }

  /**
   * G = diag(mean of w over the datapoints), both halves written: I or diag(mean p(1 - p)).
   *
   * @param h [N][d]
   * @param weights [N][1] of the datapoints, which enter as 1/N Σ weights_n w_n, one of weight 0
   *     not at all; null for ones
   * @param G [d][d]
   * @throws IllegalArgumentException if the shapes do not fit, or for softmax, whose Hessian is not
   *     diagonal: take {@link #probabilities}, a Gram product and {@link #laplacianDiagonal}
   */
  public void meanHessianDiagonal(Stream s, Kind kind, Matrix h, Matrix weights, Matrix G) {
    Check.shape(G, h.columns(), h.columns(), "G");
    if (weights != null) {
      Check.shape(weights, h.rows(), 1, "weights");
    }
    Check.that(
        kind != Kind.SOFTMAX,
        "the Hessian of %s is not diagonal; use probabilities, gram and laplacianDiagonal",
        kind);
    of(kind)
        .meanHessian
        .on(s)
        .grid(Tiles.up(h.columns(), MEAN_COLUMNS), 1, 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(h)
        .i32(h.stride())
        .pointer(weights == null ? 0 : weights.pointer())
        .i32(weights == null ? 0 : weights.stride())
        .matrix(G)
        .i32(G.stride())
        .i32(h.rows())
        .i32(h.columns())
        .i32(Tiles.whole(h))
        .i32(Tiles.whole(G))
        .launch();
  }

  /**
   * G_jj = −Σ_{k≠j} G_jk, so that each row sums to 0. With −1/N Σ w p pᵀ beside the diagonal that
   * makes G the mean of w (diag(p) − p pᵀ), a weighted graph Laplacian: positive semidefinite, and
   * every element accurate relative to itself, as the sum of p and −p² would not be where p is near
   * 1.
   *
   * @param G [d][d]; its lower triangle is read, its diagonal written
   * @throws IllegalArgumentException if G is not square
   */
  public void laplacianDiagonal(Stream s, Matrix G) {
    Check.shape(G, G.columns(), G.columns(), "G");
    laplacianDiagonal
        .on(s)
        .grid(Tiles.up(G.columns(), MEAN_COLUMNS), 1, 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(G)
        .i32(G.stride())
        .i32(G.columns())
        .i32(Tiles.whole(G))
        .launch();
  }

  /**
   * ∂E/∂h at a target drawn from the model: the outer products of these rows average to H.
   *
   * @param h [N][d]
   * @param stepPointer device address of the int that, with the seed, names the random numbers
   * @param gradient [N][d], may be h
   * @throws IllegalArgumentException if the shapes differ
   */
  public void sampledGradient(
      Stream s, Kind kind, Matrix h, long seed, long stepPointer, Matrix gradient) {
    Check.shape(gradient, h.rows(), h.columns(), "gradient");
    Tiles.rowForRow(gradient, h, "gradient", "h");
    Elements.address(stepPointer, "the step counter");
    of(kind)
        .sampled
        .on(s)
        .grid(Tiles.up(h.rows(), Tiles.ROWS), 1, 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(h)
        .i32(h.stride())
        .matrix(gradient)
        .i32(gradient.stride())
        .i32(h.rows())
        .i32(h.columns())
        .i32(Elements.whole(h, gradient))
        .i64(seed)
        .pointer(stepPointer)
        .launch();
  }

  /**
   * v_nᵀ H_n v_n of each datapoint; never negative.
   *
   * @param h [N][d]
   * @param v [N][d]
   * @param perDatapoint device address of N floats
   * @throws IllegalArgumentException if the shapes differ
   */
  public void hessianProduct(Stream s, Kind kind, Matrix h, Matrix v, long perDatapoint) {
    Check.shape(v, h.rows(), h.columns(), "v");
    Elements.address(perDatapoint, "the products");
    Kernels k = of(kind);
    rowGrid(wide(h) ? k.productWide : k.product, s, h)
        .matrix(h)
        .i32(h.stride())
        .matrix(v)
        .i32(v.stride())
        .pointer(perDatapoint)
        .i32(h.rows())
        .i32(h.columns())
        .i32(Elements.whole(h, v))
        .launch();
  }

  /**
   * u_n = H_n v_n of each datapoint.
   *
   * @param h [N][d]
   * @param v [N][d]
   * @param u [N][d], may be v
   * @throws IllegalArgumentException if the shapes differ
   */
  public void curvatureVector(Stream s, Kind kind, Matrix h, Matrix v, Matrix u) {
    Check.shape(v, h.rows(), h.columns(), "v");
    Check.shape(u, h.rows(), h.columns(), "the product with v");
    Tiles.rowForRow(u, v, "u", "v");
    Kernels k = of(kind);
    rowGrid(wide(h) ? k.vectorWide : k.vector, s, h)
        .matrix(h)
        .i32(h.stride())
        .matrix(v)
        .i32(v.stride())
        .matrix(u)
        .i32(u.stride())
        .i32(h.rows())
        .i32(h.columns())
        .i32(Elements.whole(h, v, u))
        .launch();
  }

  private static Kernels load(Device device, Kind kind) {
    String loss = "_f32__" + kind.suffix();
    return new Kernels(
        device.function("loss", "loss_evaluate" + loss),
        device.function("loss", "loss_evaluate" + loss + "_wide"),
        device.function("loss", "loss_mean" + loss),
        device.function("loss", "loss_mean" + loss + "_wide"),
        device.function("loss", "loss_hessian_product" + loss),
        device.function("loss", "loss_hessian_product" + loss + "_wide"),
        device.function("loss", "loss_curvature_vector" + loss),
        device.function("loss", "loss_curvature_vector" + loss + "_wide"),
        device.function("loss", "loss_square_root" + loss),
        device.function("loss", "loss_sampled_gradient" + loss),
        kind == Kind.SOFTMAX ? null : device.function("loss", "loss_mean_hessian" + loss));
  }

  private Kernels of(Kind kind) {
    return kernels[kind.code()];
  }

  private static boolean wide(Matrix h) {
    return h.columns() >= WIDE;
  }

  private static Launch rowGrid(Function kernel, Stream s, Matrix h) {
    return kernel
        .on(s)
        .grid(wide(h) ? h.rows() : Tiles.up(h.rows(), Tiles.ROWS), 1, 1)
        .block(Elements.THREADS, 1, 1);
  }
}
