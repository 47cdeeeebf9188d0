package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Transfer;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/**
 * f'' of a transfer function from f and f', without the pre-activations ({@code
 * kernels/second_derivative.cu}).
 */
public final class SecondDerivative {
  private final Function kernel;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public SecondDerivative(Device device) {
    kernel = device.function("second_derivative", "second_derivative_f32");
  }

  /**
   * out = f''(h).
   *
   * @param a f(h) [N][d]
   * @param b f'(h) [N][d]
   * @param out [N][d], may be a or b
   * @throws IllegalArgumentException if the shapes differ
   */
  public void of(Stream s, Transfer f, Matrix a, Matrix b, Matrix out) {
    Check.shape(b, a.rows(), a.columns(), "f'(h)");
    Check.shape(out, a.rows(), a.columns(), "f''(h)");
    Tiles.rowForRow(out, a, "f''(h)", "f(h)");
    Tiles.rowForRow(out, b, "f''(h)", "f'(h)");
    Elements.grid(kernel.on(s), a)
        .matrix(a)
        .i32(a.stride())
        .matrix(b)
        .i32(b.stride())
        .matrix(out)
        .i32(out.stride())
        .i32(a.rows())
        .i32(a.columns())
        .i32(Elements.whole(a, b, out))
        .i32(f.code())
        .launch();
  }
}
