package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Loss.ByWidth;
import dev.krongauss.kernel.Loss.Kind;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;
import java.util.EnumMap;
import java.util.Map;

/**
 * The Hessian of a loss in the last layer's pre-activations h: products with vectors and its mean
 * over the datapoints ({@code kernels/loss_hessian.cu}; the formulas of each loss are in {@code
 * kernels/loss.cuh}).
 *
 * <p>That of one datapoint is H = diag(w) for the losses whose outputs are independent and diag(w)
 * - w wᵀ for softmax.
 */
public final class LossHessian {
  /** Columns of a block of the kernels that average over the datapoints. */
  private static final int MEAN_COLUMNS = 32;

  private final Map<Kind, ByWidth> products = new EnumMap<>(Kind.class);
  private final Map<Kind, ByWidth> vectors = new EnumMap<>(Kind.class);
  private final Map<Kind, Function> means = new EnumMap<>(Kind.class);
  private final Function laplacianDiagonal;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public LossHessian(Device device) {
    String file = "loss_hessian";
    for (Kind kind : Kind.values()) {
      String variant = "_f32" + kind.variant();
      products.put(kind, ByWidth.load(device, file, "loss_hessian_product" + variant));
      vectors.put(kind, ByWidth.load(device, file, "loss_hessian_vector" + variant));
      if (kind != Kind.SOFTMAX) {
        means.put(kind, device.function(file, "loss_hessian_mean" + variant));
      }
    }
    laplacianDiagonal = device.function(file, "loss_hessian_laplacian_diagonal_f32");
  }

  /**
   * v_nᵀ H_n v_n of each datapoint; never negative.
   *
   * @param h [N][d]
   * @param v [N][d]
   * @param perDatapoint device address of N floats
   * @throws IllegalArgumentException if the shapes differ
   */
  public void product(Stream s, Kind kind, Matrix h, Matrix v, long perDatapoint) {
    Check.shape(v, h.rows(), h.columns(), "v");
    Elements.address(perDatapoint, "the products");
    products
        .get(kind)
        .rows(s, h)
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
  public void vector(Stream s, Kind kind, Matrix h, Matrix v, Matrix u) {
    Check.shape(v, h.rows(), h.columns(), "v");
    Check.shape(u, h.rows(), h.columns(), "the product with v");
    Tiles.rowForRow(u, v, "u", "v");
    vectors
        .get(kind)
        .rows(s, h)
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

  /**
   * G = diag(mean of w over the datapoints): I or diag(mean p(1 - p)), the whole matrix or its
   * diagonal alone.
   *
   * @param h [N][d]
   * @param weights [N][1] of the datapoints, which enter as 1/N Σ weights_n w_n, one of weight 0
   *     not at all; null for ones
   * @param G [d][d], both halves written, or its diagonal [1][d]
   * @throws IllegalArgumentException if the shapes do not fit, or for softmax, whose Hessian is not
   *     diagonal: take {@link Loss#probabilities}, a Gram product and {@link #laplacianDiagonal}
   */
  public void meanDiagonal(Stream s, Kind kind, Matrix h, Matrix weights, Matrix G) {
    Check.shape(G, G.rows() == 1 ? 1 : h.columns(), h.columns(), "G");
    if (weights != null) {
      Check.shape(weights, h.rows(), 1, "weights");
    }
    Check.that(
        kind != Kind.SOFTMAX,
        "the Hessian of %s is not diagonal; use probabilities, gram and laplacianDiagonal",
        kind);
    means
        .get(kind)
        .on(s)
        .grid(Tiles.up(h.columns(), MEAN_COLUMNS), 1, 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(h)
        .i32(h.stride())
        .pointer(weights == null ? 0 : weights.pointer())
        .i32(weights == null ? 0 : weights.stride())
        .matrix(G)
        .i32(Tiles.strideOf(G))
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
}
