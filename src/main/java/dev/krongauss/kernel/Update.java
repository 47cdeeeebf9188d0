package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;

/** The weight update ({@code kernels/update.cu}). */
public final class Update {
  private final Function update;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public Update(Device device) {
    update = device.function("update", "update_f32");
  }

  /**
   * W += alpha D, if the step was accepted.
   *
   * @param D direction, the shape of W
   * @param alphaPointer device address of one float
   * @param acceptedPointer device address of one int; W is left bit for bit as it was unless it is
   *     1. 0 (no address): always
   * @throws IllegalArgumentException if the shapes differ or alpha has no address
   */
  public void apply(Stream s, Matrix W, Matrix D, long alphaPointer, long acceptedPointer) {
    Check.shape(D, W.rows(), W.columns(), "D");
    Elements.address(alphaPointer, "alpha");
    Elements.grid(update.on(s), W)
        .matrix(W)
        .i32(W.stride())
        .matrix(D)
        .i32(D.stride())
        .i32(W.rows())
        .i32(W.columns())
        .i32(Elements.whole(W, D))
        .pointer(alphaPointer)
        .pointer(acceptedPointer)
        .launch();
  }
}
