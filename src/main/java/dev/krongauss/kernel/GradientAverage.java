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

/**
 * The moving average of the gradients, not in place ({@code kernels/gradient_average.cu}); {@link
 * LayerUpdate} enters the gradients once the update is accepted.
 */
public final class GradientAverage {
  private final Function average;
  private final Function along;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public GradientAverage(Device device) {
    average = device.function("gradient_average", "gradient_average_f32");
    along = device.function("gradient_average", "gradient_average_f32__along");
  }

  /**
   * out = μ m + (1 − μ) g for every layer; one launch for up to 32 layers. Where μ is 0, out is g
   * to the bit and m is not read.
   *
   * @param m averages
   * @param g gradients, shaped like m
   * @param muPointer device address of one float
   * @param out shaped like m; neither m nor g
   * @throws IllegalArgumentException if the shapes differ, out is m or g, or μ has no address
   */
  public void apply(Stream s, List<Matrix> m, List<Matrix> g, long muPointer, List<Matrix> out) {
    check(m, g, muPointer, out);
    Groups.launch(
        average,
        s,
        m.size(),
        new ElementGroups(List.of(m, g, out), (launch, first) -> launch.pointer(muPointer)));
  }

  /** Floats of scratch that {@link #applyAlong} needs: a counter a layer, and a sum a block. */
  public static int scratchFloats(List<Matrix> m) {
    return Check.count(m.size() + ElementGroups.blocks(m), "counters and partial sums");
  }

  /**
   * The same in the memory of the directions D before, and ⟨D_l, g_l⟩ of every layer with what they
   * held; one launch for up to 32 layers. The order is fixed.
   *
   * @param D the directions before; averages afterwards
   * @param scratchPointer device address of {@link #scratchFloats} floats, of which the first, as
   *     many as layers, are 0 before the first use, as in an arena; launches that share it follow
   *     one another
   * @param products device address of one float a layer
   * @throws IllegalArgumentException as {@link #apply}, or if an address is missing
   */
  public void applyAlong(
      Stream s,
      List<Matrix> m,
      List<Matrix> g,
      long muPointer,
      List<Matrix> D,
      long scratchPointer,
      long products) {
    check(m, g, muPointer, D);
    Elements.address(scratchPointer, "the scratch");
    Elements.address(products, "the inner products");
    Groups.launch(
        along,
        s,
        m.size(),
        new ElementGroups(
            List.of(m, g, D),
            (launch, first) ->
                launch
                    .pointer(muPointer)
                    .pointer(
                        scratchPointer
                            + 4L * (m.size() + ElementGroups.blocks(m.subList(0, first))))
                    .pointer(scratchPointer + 4L * first)
                    .pointer(products + 4L * first)));
  }

  private static void check(List<Matrix> m, List<Matrix> g, long muPointer, List<Matrix> out) {
    Check.that(m.size() == g.size(), "%d of m but %d of g", m.size(), g.size());
    ElementGroups.check(out, "out", m, "m");
    ElementGroups.check(out, "out", g, "g");
    Elements.address(muPointer, "mu");
  }
}
