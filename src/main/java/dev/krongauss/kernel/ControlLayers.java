package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Beginning;

/**
 * How an update with a step size a layer begins, decided on the device ({@code
 * kernels/control_layers.cu}). {@link Coefficients#decide} judges it, {@link Control#reduction}
 * adapts λ; the slots of the scalar block are those of {@link Control}.
 */
public final class ControlLayers {
  private final Function begin;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public ControlLayers(Device device) {
    begin = device.function("control_layers", "control_layers_begin");
  }

  /**
   * Counts the update and, if γ follows, sets γ = √(λ + η); writes {@link Control#GRADIENT_DECAY},
   * which is 0 for the first three applied updates.
   *
   * @throws IllegalArgumentException if the beginning is that of an update without an average of
   *     gradients
   */
  public void begin(Stream s, Beginning beginning) {
    Check.that(
        beginning.mu() != Beginning.NO_AVERAGE,
        "an update with one step length for all layers begins by Control");
    begin
        .on(s)
        .pointer(beginning.scalars())
        .f32(beginning.eta())
        .i32(beginning.gammaFollows() ? 1 : 0)
        .f32(beginning.mu())
        .launch();
  }
}
