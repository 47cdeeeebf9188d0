package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Count;
import dev.krongauss.kernel.group.ElementGroups;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.group.Groups;
import java.util.List;

/** Adam's step of all layers ({@code kernels/adam.cu}). */
public final class Adam {
  private final Function adam;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public Adam(Device device) {
    adam = device.function("adam", "adam_f32");
  }

  /**
   * Updates every layer's moments m and v with its gradient g and moves its W, if the step was
   * accepted; one launch for up to 32 layers.
   *
   * <p>The betas are doubles because their distance from 1 matters: 1 - 0.999f is wrong by 1e-5.
   *
   * @param W weights of the layers
   * @param g gradients, shaped like W
   * @param m first moments, shaped like W, zero before the first step
   * @param v second moments, shaped like W, zero before the first step
   * @param uncorrected whether epsilon is added to √v before its bias is corrected, not behind
   * @param learningRatePointer device address of one float
   * @param t steps counted, 1 at the first one
   * @param acceptedPointer device address of one int; nothing is written unless it is 1. 0 (no
   *     address): always
   * @throws IllegalArgumentException if shapes differ, matrices coincide, a beta is outside of [0,
   *     1) or epsilon is not positive
   */
  public void step(
      Stream s,
      List<Matrix> W,
      List<Matrix> g,
      List<Matrix> m,
      List<Matrix> v,
      double beta1,
      double beta2,
      double epsilon,
      boolean uncorrected,
      long learningRatePointer,
      Count t,
      long acceptedPointer) {
    ElementGroups.check(W, "W", g, "g");
    ElementGroups.check(W, "W", m, "m");
    ElementGroups.check(W, "W", v, "v");
    ElementGroups.check(m, "m", v, "v");
    Check.that(
        beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1,
        "Adam's betas are %s and %s; both must lie in [0, 1), usually 0.9 and 0.999",
        beta1,
        beta2);
    Check.that(
        (float) epsilon > 0, "Adam's epsilon is %s; it must be positive, usually 1e-8", epsilon);
    Elements.address(learningRatePointer, "the learning rate");
    Elements.address(t.low(), "the step counter");
    Groups.launch(
        adam,
        s,
        W.size(),
        new ElementGroups(
            List.of(W, g, m, v),
            (launch, first) ->
                t.write(
                        launch
                            .f32((float) (1 - beta1))
                            .f32((float) (1 - beta2))
                            .f32(logarithm(beta1))
                            .f32(logarithm(beta2))
                            .f32((float) epsilon)
                            .i32(uncorrected ? 1 : 0)
                            .pointer(learningRatePointer))
                    .pointer(acceptedPointer)));
  }

  /**
   * log beta, from the double's distance from 1; minus infinity for 0, for which 1 - beta^t is 1.
   */
  private static float logarithm(double beta) {
    return (float) Math.log1p(beta - 1);
  }
}
