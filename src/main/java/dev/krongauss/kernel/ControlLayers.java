package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;

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
   * Counts the update and, if {@code gammaFollows}, sets γ = √(λ + η); writes {@link
   * Control#GRADIENT_DECAY}, which is 0 for the first three applied updates.
   *
   * @param scalars address of the scalar block
   * @param mu weight of the past in the gradients' average, in [0, 1)
   * @throws IllegalArgumentException if mu is outside of [0, 1) or the block has no address
   */
  public void begin(Stream s, long scalars, float eta, boolean gammaFollows, float mu) {
    Check.that(mu >= 0 && mu < 1, "weight %s of the past gradients is outside of [0, 1)", mu);
    Elements.address(scalars, "the scalar block");
    begin.on(s).pointer(scalars).f32(eta).i32(gammaFollows ? 1 : 0).f32(mu).launch();
  }
}
