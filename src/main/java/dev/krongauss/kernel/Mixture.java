package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/**
 * The mixture of two binary classifiers with outputs h ∈ R³ and targets y ∈ {0, 1} ({@code
 * kernels/mixture.cu}, which has the formulas). A datapoint that is not finite, or whose target is
 * neither 0 nor 1, gives NaN.
 */
public final class Mixture {
  /** Outputs that the loss takes. */
  public static final int OUTPUTS = 3;

  /** Matrices that stand for the curvature of a datapoint. */
  public enum Curvature {
    /** ∇E ∇Eᵀ. */
    OUTCOME,
    /** ∇p₁ ∇p₁ᵀ / (p₁ (1 − p₁)), the Fisher. */
    LOGIT,
    /** The Hessian itself, which is indefinite and has no square root. */
    LITERAL
  }

  private final Function evaluate;
  private final Function root;
  private final Function product;
  private final Function sampled;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Mixture(Device device) {
    evaluate = device.function("mixture", "mixture_evaluate_f32");
    root = device.function("mixture", "mixture_square_root_f32");
    product = device.function("mixture", "mixture_product_f32");
    sampled = device.function("mixture", "mixture_sampled_gradient_f32");
  }

  /**
   * E_n and ∂E_n/∂h_n.
   *
   * @param h [N][3]
   * @param y [N][1]
   * @param gradient [N][3], may be h; null if not wanted
   * @param lossPerDatapoint device address of N floats
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void evaluate(Stream s, Matrix h, Matrix y, Matrix gradient, long lossPerDatapoint) {
    if (gradient != null) {
      Check.shape(gradient, h.rows(), OUTPUTS, "gradient");
    }
    Tiles.rowForRow(gradient, h, "gradient", "h");
    Elements.address(lossPerDatapoint, "the losses");
    begin(evaluate, s, h, y)
        .pointer(gradient == null ? 0 : gradient.pointer())
        .i32(gradient == null ? 0 : gradient.stride())
        .pointer(lossPerDatapoint)
        .i32(h.rows())
        .launch();
  }

  /**
   * c_n with c_n c_nᵀ the curvature of datapoint n.
   *
   * @param h [N][3]
   * @param y [N][1]
   * @param C [N][3], may be h
   * @throws IllegalArgumentException if the shapes do not fit, or for {@link Curvature#LITERAL}
   */
  public void squareRoot(Stream s, Matrix h, Matrix y, Curvature curvature, Matrix C) {
    Check.shape(C, h.rows(), OUTPUTS, "C");
    Tiles.rowForRow(C, h, "C", "h");
    Check.that(
        curvature != Curvature.LITERAL,
        "the literal Hessian of the mixture has a negative eigenvalue and no square root; take"
            + " OUTCOME or LOGIT");
    begin(root, s, h, y).matrix(C).i32(C.stride()).i32(h.rows()).i32(curvature.ordinal()).launch();
  }

  /**
   * The curvature of each datapoint times its v, and vᵀ times that; either may be left out.
   *
   * @param h [N][3]
   * @param y [N][1]
   * @param v [N][3]
   * @param product [N][3], may be v; null if not wanted
   * @param quadratic device address of N floats, or 0
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void product(
      Stream s, Matrix h, Matrix y, Matrix v, Curvature curvature, Matrix product, long quadratic) {
    Check.shape(v, h.rows(), OUTPUTS, "v");
    if (product != null) {
      Check.shape(product, h.rows(), OUTPUTS, "product");
    }
    Tiles.rowForRow(product, v, "product", "v");
    begin(this.product, s, h, y)
        .matrix(v)
        .i32(v.stride())
        .pointer(product == null ? 0 : product.pointer())
        .i32(product == null ? 0 : product.stride())
        .pointer(quadratic)
        .i32(h.rows())
        .i32(curvature.ordinal())
        .launch();
  }

  /**
   * ∂E/∂h at a target drawn from the model: the outer products of these rows average to the Fisher.
   *
   * @param h [N][3]
   * @param stepPointer device address of the int that, with the seed, names the random numbers
   * @param gradient [N][3], may be h
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void sampledGradient(Stream s, Matrix h, long seed, long stepPointer, Matrix gradient) {
    Check.shape(h, h.rows(), OUTPUTS, "h of the mixture of two binary classifiers");
    Check.shape(gradient, h.rows(), OUTPUTS, "gradient");
    Tiles.rowForRow(gradient, h, "gradient", "h");
    Elements.address(stepPointer, "the step counter");
    grid(sampled, s, h)
        .matrix(h)
        .i32(h.stride())
        .matrix(gradient)
        .i32(gradient.stride())
        .i32(h.rows())
        .i64(seed)
        .pointer(stepPointer)
        .launch();
  }

  private static Launch begin(Function kernel, Stream s, Matrix h, Matrix y) {
    Check.shape(h, h.rows(), OUTPUTS, "h of the mixture of two binary classifiers");
    Check.shape(y, h.rows(), 1, "targets of the mixture of two binary classifiers");
    return grid(kernel, s, h).matrix(h).i32(h.stride()).matrix(y).i32(y.stride());
  }

  private static Launch grid(Function kernel, Stream s, Matrix h) {
    return kernel
        .on(s)
        .grid(Tiles.up(h.rows(), Elements.THREADS), 1, 1)
        .block(Elements.THREADS, 1, 1);
  }
}
