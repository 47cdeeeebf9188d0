package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Beginning;
import dev.krongauss.kernel.argument.LossMean;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;
import dev.krongauss.kernel.tuning.Shapes;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * Losses of the last layer's pre-activations h, their gradients, and the means and samples of the
 * model's targets ({@code kernels/loss.cu}; the formulas of each loss are in {@code
 * kernels/loss.cuh}). Non-finite h or targets give a non-finite loss.
 */
public final class Loss {
  /** The losses. */
  public enum Kind {
    /** ½‖h − t‖². */
    SQUARED,
    /** Cross-entropy of independent bits with logits h, targets in [0, 1]. */
    BERNOULLI,
    /** Cross-entropy of one class with logits h, targets one-hot or a probability vector a row. */
    SOFTMAX;

    /** What follows the name of a kernel: {@code loss_root_f32__softmax}. */
    String variant() {
      return "__" + name().toLowerCase(Locale.ROOT);
    }
  }

  /** A kernel for few outputs and one for many. */
  record ByWidth(Function narrow, Function wide) {
    /** Loads {@code name} and {@code name_wide}. */
    static ByWidth load(Device device, String file, String name) {
      return new ByWidth(device.function(file, name), device.function(file, name + "_wide"));
    }

    /** A launch for the rows of h: a warp a row, or a block a row of many outputs. */
    Launch rows(Stream s, Matrix h) {
      boolean many = h.columns() >= Shapes.WIDE_ROW;
      return (many ? wide : narrow)
          .on(s)
          .grid(many ? h.rows() : Tiles.up(h.rows(), Tiles.ROWS), 1, 1)
          .block(Elements.THREADS, 1, 1);
    }
  }

  /** Outputs up to which a thread evaluates a row. */
  private static final int FEW = 8;

  private record Kernels(ByWidth evaluate, Function few, ByWidth mean, Function sampled) {
    Launch evaluate(Stream s, Matrix h) {
      if (h.columns() > FEW) {
        return evaluate.rows(s, h);
      }
      int blocks = Tiles.up(h.rows(), Elements.THREADS);
      return few.on(s).grid(blocks, 1, 1).block(Elements.THREADS, 1, 1);
    }
  }

  private final Map<Kind, Kernels> kernels = new EnumMap<>(Kind.class);

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Loss(Device device) {
    for (Kind kind : Kind.values()) {
      String variant = "_f32" + kind.variant();
      kernels.put(
          kind,
          new Kernels(
              ByWidth.load(device, "loss", "loss_evaluate" + variant),
              device.function("loss", "loss_evaluate" + variant + "_few"),
              ByWidth.load(device, "loss", "loss_mean" + variant),
              device.function("loss", "loss_sampled_gradient" + variant)));
    }
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
    evaluate(s, kind, h, t, gradient, lossPerDatapoint, null);
  }

  /**
   * The same, and in the same launch the mean of the losses, with the bits of {@link Reduce#sum},
   * and the beginning of an update.
   *
   * @param mean null for neither
   */
  public void evaluate(
      Stream s,
      Kind kind,
      Matrix h,
      Matrix t,
      Matrix gradient,
      long lossPerDatapoint,
      LossMean mean) {
    Check.shape(t, h.rows(), h.columns(), "targets");
    if (gradient != null) {
      Check.shape(gradient, h.rows(), h.columns(), "gradient");
    }
    Tiles.rowForRow(gradient, h, "gradient", "h");
    Tiles.rowForRow(gradient, t, "gradient", "t");
    Elements.address(lossPerDatapoint, "the losses");
    Launch launch =
        kernels
            .get(kind)
            .evaluate(s, h)
            .matrix(h)
            .i32(h.stride())
            .matrix(t)
            .i32(t.stride())
            .pointer(gradient == null ? 0 : gradient.pointer())
            .i32(gradient == null ? 0 : gradient.stride())
            .pointer(lossPerDatapoint)
            .i32(h.rows())
            .i32(h.columns())
            .i32(Elements.whole(h, t, gradient));
    complete(launch, h.rows(), mean).launch();
  }

  private static Launch complete(Launch launch, int N, LossMean mean) {
    Beginning begin = mean == null ? null : mean.beginning();
    return launch
        .pointer(mean == null ? 0 : mean.arrived())
        .f32(1f / N)
        .pointer(mean == null ? 0 : mean.mean())
        .pointer(begin == null ? 0 : begin.scalars())
        .f32(begin == null ? 0 : begin.eta())
        .i32(begin != null && begin.gammaFollows() ? 1 : 0)
        .f32(begin == null ? 0 : begin.mu());
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
    kernels
        .get(kind)
        .mean
        .rows(s, h)
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
    kernels
        .get(kind)
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
}
