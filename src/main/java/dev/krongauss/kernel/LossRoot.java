package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Loss.Kind;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;
import java.util.EnumMap;
import java.util.Map;

/**
 * Square roots of the Hessian of a loss in the last layer's pre-activations h, one for each
 * datapoint ({@code kernels/loss_root.cu}; the formulas of each loss are in {@code
 * kernels/loss.cuh}).
 */
public final class LossRoot {
  /** Rows of C that a block writes where outputs are coupled. */
  private static final int ROOT_ROWS = 64;

  /** Columns up to which a thread writes a row of C where they are not, more than that a warp. */
  private static final int FEW = 8;

  private static final int WARP = 32;

  private final Map<Kind, Function> roots = new EnumMap<>(Kind.class);

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public LossRoot(Device device) {
    for (Kind kind : Kind.values()) {
      roots.put(kind, device.function("loss_root", "loss_root_f32" + kind.variant()));
    }
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
    rows(roots.get(kind).on(s), kind, C, h.rows())
        .matrix(h)
        .i32(h.stride())
        .matrix(C)
        .i32(C.stride())
        .i32(C.rows())
        .i32(d)
        .i32(Tiles.whole(h))
        .i32(Tiles.whole(C))
        .launch();
  }

  private static Launch rows(Launch launch, Kind kind, Matrix C, int N) {
    if (kind == Kind.SOFTMAX) {
      int blocks = Tiles.up(C.columns(), ROOT_ROWS);
      return launch.grid(N, blocks, 1).block(Elements.THREADS, 1, 1);
    }
    int lanes = C.columns() <= FEW ? 1 : WARP;
    int together = Elements.THREADS / lanes;
    return launch.grid(Tiles.up(C.rows(), together), 1, 1).block(lanes, together, 1);
  }
}
