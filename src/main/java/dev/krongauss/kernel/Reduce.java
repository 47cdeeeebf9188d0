package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.ElementGroups;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.group.Groups;
import java.util.List;

/** Sums over matrices in a fixed order ({@code kernels/reduce.cu}). */
public final class Reduce {
  private final Function dot;
  private final Function dotAndNorm;
  private final Function firstOrder;
  private final Function sum;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Reduce(Device device) {
    dot = device.function("reduce", "reduce_dot_f32");
    dotAndNorm = device.function("reduce", "reduce_dot_f32__norm");
    firstOrder = device.function("reduce", "reduce_dot_f32__first_order");
    sum = device.function("reduce", "reduce_sum_f32");
  }

  /**
   * Floats of scratch that {@link #dot} and {@link #dotAndNorm} need for matrices of these shapes:
   * a counter, and two a block.
   */
  public static int scratchFloats(List<Matrix> X) {
    return Check.count(1 + 2L * ElementGroups.blocks(X), "partial sums");
  }

  /**
   * out[0] = Σ_l Σ_ij X_l Y_l; one launch for up to 32 matrices. NaN and infinities are not lost;
   * the order is fixed.
   *
   * @param X matrices, at least one
   * @param Y as many matrices, of the same shapes; may be X
   * @param scratchPointer device address of {@link #scratchFloats} floats, the first of which is 0
   *     before the first use, as in an arena; launches that share it follow one another
   * @param out device address of one float
   * @throws IllegalArgumentException if the lists do not fit
   */
  public void dot(Stream s, List<Matrix> X, List<Matrix> Y, long scratchPointer, long out) {
    check(X, Y, scratchPointer);
    Elements.address(out, "the product");
    Groups.launch(
        dot, s, X.size(), pairs(X, Y, scratchPointer, (launch, first) -> launch.pointer(out)));
  }

  /**
   * out[0] = Σ_l Σ_ij X_l Y_l and norm[0] = Σ_l Σ_ij X_l²; otherwise as {@link #dot}, and X is read
   * once for both.
   *
   * @param norm device address of one float
   * @throws IllegalArgumentException if the lists do not fit
   */
  public void dotAndNorm(
      Stream s, List<Matrix> X, List<Matrix> Y, long scratchPointer, long out, long norm) {
    check(X, Y, scratchPointer);
    Elements.address(out, "the product");
    Elements.address(norm, "the squared norm");
    Groups.launch(
        dotAndNorm,
        s,
        X.size(),
        pairs(X, Y, scratchPointer, (launch, first) -> launch.pointer(out).pointer(norm)));
  }

  /**
   * ‖g‖² with the bits of {@link #dot} to {@link Control#SLOPE}, and the decision on a first-order
   * update: its learning rate, {@code initial}·2^−⌊(step−1)/halveEvery⌋, and whether it is applied.
   *
   * @param g gradients, at least one
   * @param scratchPointer as for {@link #dot}
   * @param scalars address of the scalar block; the loss is there
   * @param halveEvery updates between halvings, 0 for a constant rate
   * @throws IllegalArgumentException if there is no gradient or an address is missing
   */
  public void firstOrder(
      Stream s, List<Matrix> g, long scratchPointer, long scalars, float initial, int halveEvery) {
    check(g, g, scratchPointer);
    Elements.address(scalars, "the scalar block");
    Groups.launch(
        firstOrder,
        s,
        g.size(),
        pairs(
            g,
            g,
            scratchPointer,
            (launch, first) -> launch.pointer(scalars).f32(initial).i32(halveEvery)));
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

  private static void check(List<Matrix> X, List<Matrix> Y, long scratchPointer) {
    Check.that(
        !X.isEmpty() && X.size() == Y.size(),
        "%d matrices times %d matrices; both lists need the same number, at least one",
        X.size(),
        Y.size());
    Elements.address(scratchPointer, "the scratch");
    for (int l = 0; l < X.size(); l++) {
      Check.shape(Y.get(l), X.get(l).rows(), X.get(l).columns(), "Y[" + l + "]");
    }
  }

  /**
   * @param results what the kernel's last arguments are
   */
  private static ElementGroups pairs(
      List<Matrix> X, List<Matrix> Y, long scratch, ElementGroups.Rest results) {
    int all = ElementGroups.blocks(X);
    return new ElementGroups(
        List.of(X, Y),
        (launch, first) -> {
          int before = ElementGroups.blocks(X.subList(0, first));
          launch.pointer(scratch + 4).pointer(scratch).i32(before).i32(all);
          results.write(launch, first);
        });
  }
}
