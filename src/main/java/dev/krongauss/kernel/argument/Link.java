package dev.krongauss.kernel.argument;

import static dev.krongauss.kernel.tile.Tiles.distinct;
import static dev.krongauss.kernel.tile.Tiles.squareOrDiagonal;
import static dev.krongauss.kernel.tile.Tiles.withoutBias;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;

/**
 * One layer's part of a pass through all layers: what {@link dev.krongauss.kernel.Chain} and {@link
 * dev.krongauss.kernel.operations.Passes} take.
 *
 * <p>Constructors throw {@link IllegalArgumentException} if shapes do not fit or a result is one of
 * the operands.
 */
public final class Link {
  private Link() {}

  /**
   * A layer forwards: output = f(input Wᵀ), derivative = f'(input Wᵀ).
   *
   * @param input [N][i+1], last column 1
   * @param W [o][i+1], last column the bias
   * @param slope of the leaky ReLU; else ignored
   * @param output [N][o]
   * @param derivative [N][o], or null if it is not wanted
   */
  public record Forward(
      Matrix input, Matrix W, Transfer f, float slope, Matrix output, Matrix derivative) {
    /** Checks the shapes. */
    public Forward {
      Check.shape(W, W.rows(), input.columns(), "W");
      Check.shape(output, input.rows(), W.rows(), "output");
      distinct(output, input, "output", "input");
      if (derivative != null) {
        Check.shape(derivative, input.rows(), W.rows(), "derivative");
        distinct(derivative, output, "derivative", "output");
      }
    }
  }

  /**
   * A gradient backwards through a layer: below = derivative ∘ (delta W).
   *
   * @param delta [N][o]
   * @param W [o][i+1], the bias column is left out, or [o][i]
   * @param derivative [N][i] of the layer below
   * @param below [N][i]
   */
  public record Backward(Matrix delta, Matrix W, Matrix derivative, Matrix below) {
    /** Checks the shapes. */
    public Backward {
      W = withoutBias(W, delta.columns(), below.columns());
      Check.shape(below, delta.rows(), below.columns(), "below");
      Check.shape(derivative, delta.rows(), below.columns(), "derivative");
      distinct(below, delta, "below", "delta");
      distinct(below, derivative, "below", "derivative");
    }
  }

  /**
   * A tangent forwards through a layer: out = derivative ∘ (input Dᵀ + tangent Wᵀ).
   *
   * @param input [N][i+1], last column 1
   * @param D [o][i+1], the change of W
   * @param tangent [N][i], or null where the input does not depend on the weights
   * @param W [o][i+1], the bias column is left out, or [o][i]
   * @param derivative [N][o], or null for the identity
   * @param out [N][o]
   */
  public record Tangent(
      Matrix input, Matrix D, Matrix tangent, Matrix W, Matrix derivative, Matrix out) {
    /** Checks the shapes. */
    public Tangent {
      int N = input.rows();
      int i = input.columns() - 1;
      Check.shape(D, D.rows(), i + 1, "D");
      W = withoutBias(W, D.rows(), i);
      Check.shape(out, N, D.rows(), "out");
      if (tangent != null) {
        Check.shape(tangent, N, i, "tangent");
        distinct(out, tangent, "out", "tangent");
      }
      if (derivative != null) {
        Check.shape(derivative, N, D.rows(), "derivative");
        distinct(out, derivative, "out", "derivative");
      }
    }
  }

  /**
   * The tangents of all layers' directions forwards through layer l: chunks of n rows, one below
   * another. Chunk j of {@code out} is derivative ∘ (chunk j of {@code tangents} Wᵀ) for j &lt; l,
   * the last chunk derivative ∘ (input Dᵀ).
   *
   * @param input [n][i+1], last column 1
   * @param D [o][i+1], the layer's direction: a change of W
   * @param tangents [(l−1) n][i] of the directions of the layers below, or null for l = 1
   * @param W [o][i+1], the bias column is left out, or [o][i]
   * @param derivative [n][o], or null for the identity
   * @param out [l n][o]
   */
  public record Tangents(
      Matrix input, Matrix D, Matrix tangents, Matrix W, Matrix derivative, Matrix out) {
    /** Checks the shapes. */
    public Tangents {
      int n = input.rows();
      int i = input.columns() - 1;
      int o = D.rows();
      Check.shape(D, o, i + 1, "D");
      W = withoutBias(W, o, i);
      int below = 0;
      if (tangents != null) {
        below = tangents.rows();
        Check.that(
            below % n == 0,
            "tangents have %d rows, which are no chunks of %d, the rows of input",
            below,
            n);
        Check.shape(tangents, below, i, "tangents");
        distinct(out, tangents, "out", "tangents");
      }
      Check.shape(out, below + n, o, "out");
      if (derivative != null) {
        Check.shape(derivative, n, o, "derivative");
        distinct(out, derivative, "out", "derivative");
      }
    }

    /** Rows of {@code tangents}: (l−1) n, 0 for the first layer. */
    public int below() {
      return tangents == null ? 0 : tangents.rows();
    }
  }

  /**
   * Averaged curvature backwards through a layer (KFRA): product = G W, below = (Wᵀ product) ∘
   * moment.
   *
   * @param G [o][o], lower triangle, or the diagonal [1][o] of a diagonal one
   * @param W [o][i+1], the bias column is left out, or [o][i]
   * @param moment [i][i] 1/N Σ b bᵀ of the layer below, lower triangle
   * @param product scratch [o][i]
   * @param below [i][i]; both halves are written by this project's kernels, the lower one by
   *     libraries
   */
  public record Recursion(Matrix G, Matrix W, Matrix moment, Matrix product, Matrix below) {
    /** Checks the shapes. */
    public Recursion {
      int o = squareOrDiagonal(G, "G");
      int i = below.rows();
      W = withoutBias(W, o, i);
      Check.shape(product, o, i, "product");
      Check.shape(moment, i, i, "moment");
      Check.shape(below, i, i, "below");
      distinct(product, G, "product", "G");
      distinct(below, product, "below", "product");
      distinct(below, moment, "below", "moment");
      distinct(below, G, "below", "G");
    }
  }
}
