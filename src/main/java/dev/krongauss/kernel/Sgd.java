package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;

/** Gradient descent, with momentum or without, of one parameter matrix ({@code kernels/sgd.cu}). */
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
   * W -= lr g.
   *
   * @param g gradient, the shape of W
   * @param velocity the shape of W, zero before the first step; null for none
   * @param mu momentum in [0, 1); 0 if there is no velocity
   * @param learningRatePointer device address of one float
   * @param acceptedPointer device address of one int; nothing is written unless it is 1. 0 (no
   *     address): always
   * @throws IllegalArgumentException if shapes differ, matrices coincide, or mu does not fit
   */
  public void step(
      Stream s,
      Matrix W,
      Matrix g,
      Matrix velocity,
      float mu,
      boolean nesterov,
      long learningRatePointer,
      long acceptedPointer) {
    Check.shape(g, W.rows(), W.columns(), "g");
    Tiles.distinct(W, g, "W", "g");
    Elements.address(learningRatePointer, "the learning rate");
    if (velocity == null) {
      Check.that(
          mu == 0 && !nesterov,
          "momentum %s (nesterov %s) needs a velocity; give a zero matrix [%d][%d], or momentum 0",
          mu,
          nesterov,
          W.rows(),
          W.columns());
      plain(s, W, g, learningRatePointer, acceptedPointer);
      return;
    }
    Check.shape(velocity, W.rows(), W.columns(), "velocity");
    Tiles.distinct(velocity, g, "velocity", "g");
    Tiles.distinct(velocity, W, "velocity", "W");
    Check.that(mu >= 0 && mu < 1, "momentum is %s; it must lie in [0, 1), usually 0.9", mu);
    Elements.grid(momentum.on(s), W)
        .matrix(W)
        .i32(W.stride())
        .matrix(g)
        .i32(g.stride())
        .matrix(velocity)
        .i32(velocity.stride())
        .i32(W.rows())
        .i32(W.columns())
        .i32(Elements.whole(W, g, velocity))
        .f32(mu)
        .f32(nesterov ? 1 : 0)
        .f32(nesterov ? mu : 1)
        .pointer(learningRatePointer)
        .pointer(acceptedPointer)
        .launch();
  }

  private void plain(Stream s, Matrix W, Matrix g, long learningRatePointer, long acceptedPointer) {
    Elements.grid(plain.on(s), W)
        .matrix(W)
        .i32(W.stride())
        .matrix(g)
        .i32(g.stride())
        .i32(W.rows())
        .i32(W.columns())
        .i32(Elements.whole(W, g))
        .pointer(learningRatePointer)
        .pointer(acceptedPointer)
        .launch();
  }
}
