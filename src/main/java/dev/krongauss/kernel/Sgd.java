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

/** Gradient descent of all layers, with momentum or without ({@code kernels/sgd.cu}). */
public final class Sgd {
  private final Function plain;
  private final Function momentum;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Sgd(Device device) {
    plain = device.function("sgd", "sgd_f32");
    momentum = device.function("sgd", "sgd_f32__momentum");
  }

  /**
   * velocity = mu velocity + g; W -= lr (nesterov ? g + mu velocity : velocity). Without a velocity
   * W -= lr g. One launch for up to 32 layers.
   *
   * @param W weights of the layers
   * @param g gradients, shaped like W
   * @param velocity shaped like W, zero before the first step; null for none
   * @param mu momentum in [0, 1); 0 if there is no velocity
   * @param learningRatePointer device address of one float
   * @param acceptedPointer device address of one int; nothing is written unless it is 1. 0 (no
   *     address): always
   * @throws IllegalArgumentException if shapes differ, matrices coincide, or mu does not fit
   */
  public void step(
      Stream s,
      List<Matrix> W,
      List<Matrix> g,
      List<Matrix> velocity,
      float mu,
      boolean nesterov,
      long learningRatePointer,
      long acceptedPointer) {
    ElementGroups.check(W, "W", g, "g");
    Elements.address(learningRatePointer, "the learning rate");
    if (velocity == null) {
      Check.that(
          mu == 0 && !nesterov,
          "momentum %s (nesterov %s) needs a velocity; give zero matrices shaped like W, or"
              + " momentum 0",
          mu,
          nesterov);
      Groups.launch(
          plain,
          s,
          W.size(),
          new ElementGroups(
              List.of(W, g),
              (launch, first) -> launch.pointer(learningRatePointer).pointer(acceptedPointer)));
      return;
    }
    ElementGroups.check(W, "W", velocity, "velocity");
    ElementGroups.check(g, "g", velocity, "velocity");
    Check.that(mu >= 0 && mu < 1, "momentum is %s; it must lie in [0, 1), usually 0.9", mu);
    Groups.launch(
        momentum,
        s,
        W.size(),
        new ElementGroups(
            List.of(W, g, velocity),
            (launch, first) ->
                launch
                    .f32(mu)
                    .f32(nesterov ? 1 : 0)
                    .f32(nesterov ? mu : 1)
                    .pointer(learningRatePointer)
                    .pointer(acceptedPointer)));
  }
}
