package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
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
   * out[0] = Σ_l Σ_ij X_l Y_l; two launches for up to 32 matrices. NaN and infinities are not lost;
   * the order is fixed.
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
    for (int l = 0; l < X.size(); l++) {
      Check.shape(Y.get(l), X.get(l).rows(), X.get(l).columns(), "Y[" + l + "]");
    }
    Groups.launch(dot, s, X.size(), new Pairs(X, Y, scratchPointer));
    sum(s, scratchPointer, scratchFloats(X), 1, out);
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

  private record Pairs(List<Matrix> X, List<Matrix> Y, long scratch) implements Groups.Kernel {
    @Override
    public int bytes() {
      return 40;
    }

    @Override
    public long blocks(int l) {
      return Elements.blocks(X.get(l));
    }

    @Override
    public void members(Launch launch, int l) {
      Matrix x = X.get(l);
      Matrix y = Y.get(l);
      launch.i32(x.rows()).i32(x.columns()).i32(Elements.whole(x, y));
      launch.matrix(x).matrix(y).i32(x.stride()).i32(y.stride());
    }

    @Override
    public void others(Launch launch, int first) {
      long before = 0;
      for (int l = 0; l < first; l++) {
        before += blocks(l);
      }
      launch.pointer(scratch + 4 * before);
    }
  }
}
