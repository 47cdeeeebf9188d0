package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.util.List;

/** Sums over matrices in a fixed order ({@code kernels/reduce.cu}). */
public final class Reduce {
  private final Function dot;
  private final Function sum;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Reduce(Device device) {
    dot = device.function("reduce", "reduce_dot_f32");
    sum = device.function("reduce", "reduce_sum_f32");
  }

  /** Floats of scratch that {@link #dot} needs for matrices of these shapes: one a block. */
  public int scratchFloats(List<Matrix> X) {
    int floats = 0;
    for (Matrix x : X) {
      floats = Math.addExact(floats, Elements.blocks(x));
    }
    return floats;
  }

  /**
   * out[0] = Σ_l Σ_ij X_l Y_l. NaN and infinities are not lost; the order is fixed.
   *
   * @param X matrices, at least one
   * @param Y as many matrices, of the same shapes; may be X
   * @param scratchPointer device address of {@link #scratchFloats} floats
   * @param out device address of one float
   * @throws IllegalArgumentException if the lists do not fit
   */
  public void dot(Stream s, List<Matrix> X, List<Matrix> Y, long scratchPointer, long out) {
    Check.that(
        !X.isEmpty() && X.size() == Y.size(),
        "%d matrices times %d matrices; both lists need the same number, at least one",
        X.size(),
        Y.size());
    Elements.address(scratchPointer, "the scratch");
    int offset = 0;
    for (int l = 0; l < X.size(); l++) {
      Matrix x = X.get(l);
      Check.shape(Y.get(l), x.rows(), x.columns(), "Y[" + l + "]");
      partials(s, x, Y.get(l), scratchPointer + 4L * offset);
      offset += Elements.blocks(x);
    }
    sum(s, scratchPointer, offset, 1, out);
  }

  /**
   * out[0] = scale Σ values.
   *
   * @param values device address of {@code n} floats
   * @param out device address of one float, not one of the values
   * @throws IllegalArgumentException if there are no values or an address is missing
   */
  public void sum(Stream s, long values, int n, float scale, long out) {
    Check.that(n >= 1, "sum of %d values", n);
    Elements.address(values, "the values");
    Elements.address(out, "the sum");
    Check.that(
        out < values || out >= values + 4L * n, "the sum at 0x%x lies among its %d values", out, n);
    sum.on(s)
        .grid(1, 1, 1)
        .block(Elements.THREADS, 1, 1)
        .pointer(values)
        .i32(n)
        .f32(scale)
        .pointer(out)
        .launch();
  }

  private void partials(Stream s, Matrix x, Matrix y, long partial) {
    Elements.grid(dot.on(s), x)
        .matrix(x)
        .i32(x.stride())
        .matrix(y)
        .i32(y.stride())
        .i32(x.rows())
        .i32(x.columns())
        .i32(Elements.whole(x, y))
        .pointer(partial)
        .launch();
  }
}
