package dev.krongauss.precondition;

import dev.krongauss.curvature.Factors;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.kernel.operations.Operations;
import java.util.ArrayList;
import java.util.List;

/** Layers and settings of a {@link Preconditioner}, with the defaults. */
final class PreconditionerOptions {
  private final List<Integer> inputs = new ArrayList<>();
  private final List<Integer> outputs = new ArrayList<>();
  private final List<Boolean> diagonal = new ArrayList<>();
  private float gamma = (float) Math.sqrt(1e-3);
  float decay = 0.9f;
  long gammaPointer;
  long restartPointer;
  Operations.Mode mode;

  /**
   * @param activations d_{l-1} + 1
   * @param units d_l
   * @param isDiagonal whether only the diagonal of G is kept
   * @throws IllegalArgumentException if one is less than 1
   */
  void layer(int activations, int units, boolean isDiagonal) {
    Check.that(
        activations >= 1 && units >= 1,
        "layer %d of %d activations and %d units",
        inputs.size() + 1,
        activations,
        units);
    inputs.add(activations);
    outputs.add(units);
    diagonal.add(isDiagonal);
  }

  /**
   * @throws IllegalArgumentException if it is not positive and finite
   */
  void gamma(double value) {
    Check.that(
        value > 0 && value < 1e18,
        "gamma %s must be a positive finite number, for example %s",
        value,
        gamma);
    gamma = (float) value;
  }

  /**
   * @throws IllegalArgumentException if there is no layer
   */
  void checkLayers() {
    Check.that(
        !inputs.isEmpty(), "a preconditioner without layers; add .layer(activations, units)");
  }

  Operations operations(Device device) {
    return mode == null ? Operations.of(device) : new Operations(device, mode);
  }

  Factors factors(Arena arena, Operations operations) {
    int[] columns = inputs.stream().mapToInt(i -> i).toArray();
    int[] units = outputs.stream().mapToInt(i -> i).toArray();
    boolean[] diagonals = new boolean[diagonal.size()];
    for (int l = 0; l < diagonals.length; l++) {
      diagonals[l] = diagonal.get(l);
    }
    return new Factors(arena, operations, columns, units, diagonals, decay, restartPointer);
  }

  /** Device address of γ: the caller's, or that of the constant. */
  long gamma(Arena arena, Device device) {
    if (gammaPointer != 0) {
      return gammaPointer;
    }
    Buffer own = arena.floats(1, "gamma");
    own.upload(new float[] {gamma}, device.stream());
    return own.pointer();
  }
}
