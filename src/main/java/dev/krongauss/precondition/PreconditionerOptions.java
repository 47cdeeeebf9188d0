package dev.krongauss.precondition;

import dev.krongauss.curvature.Factors;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.dist.Collective;
import dev.krongauss.kernel.operations.Operations;
import java.util.ArrayList;
import java.util.List;

/** Layers and settings of a {@link Preconditioner}, with the defaults. */
final class PreconditionerOptions {
  /** The most parameters of a scale and a shift whose block is kept whole. */
  static final int MOST_WHOLE = 1024;

  private final List<LayerSpec> layers = new ArrayList<>();
  private final List<Coverage.Uncovered> uncovered = new ArrayList<>();
  private float gamma = (float) Math.sqrt(1e-3);
  float decay = 0.9f;
  long gammaPointer;
  long restartPointer;
  Operations.Mode mode;
  Collective ranks;
  LayerOwners owners; // null for one

  /**
   * @param activations d_{l-1} + 1
   * @param units d_l
   * @param isDiagonal whether only the diagonal of G is kept
   * @throws IllegalArgumentException if one is less than 1
   */
  void layer(int activations, int units, boolean isDiagonal) {
    checkSizes("activations and", activations, units);
    layers.add(LayerSpec.dense(activations, units, isDiagonal));
  }

  /**
   * @throws IllegalArgumentException if one is less than 1
   */
  void embedding(int rows, int units) {
    checkSizes("rows and", rows, units);
    layers.add(LayerSpec.embedding(rows, units));
  }

  /**
   * @throws IllegalArgumentException if d is less than 1
   */
  void elementwise(LayerSpec.Kind kind, int d) {
    checkSizes(kind.words() + " in", 1, d);
    int parameters = kind == LayerSpec.Kind.SCALE_AND_SHIFT ? 2 * d : d;
    layers.add(LayerSpec.elementwise(kind, d, parameters > MOST_WHOLE));
  }

  private void checkSizes(String what, int first, int units) {
    Check.that(
        first >= 1 && units >= 1 && units < 1 << 24,
        "layer %d of %d %s %d units; 1 to 2^24 - 1 are possible",
        layers.size() + 1,
        first,
        what,
        units);
  }

  /**
   * @throws IllegalArgumentException if T is less than 1 or no dense layer or embedding was added
   */
  void shared(int T, Sharing sharing) {
    LayerSpec last = last("shared");
    Check.that(T >= 1, "layer %d shared by %d positions; 1 is the least", layers.size(), T);
    Check.that(
        !last.kind().elementwise()
            && (last.kind() == LayerSpec.Kind.DENSE || sharing == Sharing.EXPAND),
        "layer %d is %s, which is not shared by %s; its positions are told with each batch",
        layers.size(),
        last.kind().words(),
        sharing);
    layers.set(layers.size() - 1, last.shared(T, sharing));
  }

  /**
   * @throws IllegalArgumentException if no dense layer was added last, or a bias is to be kept
   *     apart from a layer that has no activation beside it
   */
  void layout(WeightLayout layout, Bias bias) {
    LayerSpec last = last("layout");
    Check.that(
        last.kind() == LayerSpec.Kind.DENSE,
        "layer %d is %s, which has one layout only",
        layers.size(),
        last.kind().words());
    Check.that(
        bias != Bias.SEPARATE || last.activations() > 1,
        "layer %d has 1 activation, the bias; a bias alone is a shift",
        layers.size());
    layers.set(layers.size() - 1, last.layout(layout, bias));
  }

  /**
   * @throws IllegalArgumentException if there are no parameters
   */
  void uncovered(String name, long parameters) {
    Check.that(parameters >= 1, "%d parameters of '%s' that are not covered", parameters, name);
    uncovered.add(new Coverage.Uncovered(name, parameters));
  }

  private LayerSpec last(String setting) {
    Check.that(!layers.isEmpty(), "%s says something of the layer before; add one first", setting);
    return layers.get(layers.size() - 1);
  }

  /**
   * @throws IllegalArgumentException if it is not positive and finite
   */
  void gamma(double value) {
    Check.that(
        (float) value > 0 && value < 1e18,
        "gamma %s must be a positive float below 1e18, for example %s",
        value,
        gamma);
    gamma = (float) value;
  }

  /** An address of the caller's for {@code setting}. */
  static long checked(long pointer, String setting) {
    Check.that(
        pointer != 0 && pointer % 4 == 0,
        "%s(0x%x): the address is null or no multiple of 4; give that of a word on the device",
        setting,
        pointer);
    return pointer;
  }

  /**
   * @throws IllegalArgumentException if there is no layer
   */
  void checkLayers() {
    Check.that(
        !layers.isEmpty(), "a preconditioner without layers; add .layer(activations, units)");
    LayerOwners of = owners();
    Check.that(
        layers.size() == of.end() - of.first(),
        "%d layers for a rank that owns %d; add the layers of its own, from %d to %d",
        layers.size(),
        of.end() - of.first(),
        of.first(),
        of.end() - 1);
  }

  /** Of the layers, of which those that were added are this rank's. */
  LayerOwners owners() {
    return owners == null ? LayerOwners.one(layers.size()) : owners;
  }

  /** Ranks that work on all layers is shared out over; null for none. */
  Collective sharedOut() {
    return owners().shared() ? null : ranks;
  }

  Operations operations(Device device) {
    return mode == null ? Operations.of(device) : new Operations(device, mode);
  }

  Factors factors(Arena arena, Operations operations) {
    int[] columns = layers.stream().mapToInt(LayerSpec::activations).toArray();
    int[] units = layers.stream().mapToInt(LayerSpec::units).toArray();
    boolean[] diagonals = new boolean[layers.size()];
    for (int l = 0; l < diagonals.length; l++) {
      diagonals[l] = layers.get(l).diagonal();
    }
    return new Factors(arena, operations, columns, units, diagonals, decay, restartPointer);
  }

  /** The layers as they are now. */
  List<LayerSpec> layers() {
    return List.copyOf(layers);
  }

  /** What the layers cover, and what not. */
  Coverage coverage() {
    return new Coverage(layers(), List.copyOf(uncovered));
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
