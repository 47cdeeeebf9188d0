package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Arrange;
import java.util.ArrayList;
import java.util.List;

/**
 * Preconditions gradients where their owner keeps them, in the layouts that the layers of a {@link
 * Preconditioner} were given: those that are not {@code [units][activations]} are brought there and
 * back by a launch each for all layers. The memory is the preconditioner's, and so is its end.
 */
public final class WeightSolve {
  private final Preconditioner preconditioner;
  private final List<LayerSpec> layers;
  private final Arrange arrange;
  private final List<Matrix> packed = new ArrayList<>();

  WeightSolve(Preconditioner preconditioner, Device device, Arena arena, List<LayerSpec> layers) {
    this.preconditioner = preconditioner;
    this.layers = layers;
    arrange = new Arrange(device);
    for (int l = 0; l < layers.size(); l++) {
      packed.add(layers.get(l).plain() ? null : packed(arena, layers.get(l), l));
    }
  }

  private static Matrix packed(Arena arena, LayerSpec spec, int l) {
    String name = "arranged gradient " + (l + 1);
    return spec.kind().elementwise()
        ? Matrix.wrap(arena.floats(spec.units(), name).pointer(), spec.units(), 1, 1)
        : arena.matrix(spec.units(), spec.activations(), name);
  }

  /**
   * Writes the directions of all layers.
   *
   * @param gradients of layer 1 … L, as {@link LayerWeights} describes them
   * @param directions of the same shapes; each piece may be its gradient's memory
   * @throws IllegalArgumentException if a shape does not fit its layer's layout
   * @throws IllegalStateException before the first {@link Preconditioner#refresh}
   */
  public void apply(List<LayerWeights> gradients, List<LayerWeights> directions, Stream s) {
    Check.that(
        gradients.size() == layers.size() && directions.size() == layers.size(),
        "%d gradients and %d directions for %d layers",
        gradients.size(),
        directions.size(),
        layers.size());
    preconditioner.checkReady(s);
    List<Arrange.Item> in = new ArrayList<>();
    List<Arrange.Item> out = new ArrayList<>();
    List<Matrix> from = new ArrayList<>();
    List<Matrix> to = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      from.add(place(l, gradients.get(l), "gradient", true, in));
      to.add(place(l, directions.get(l), "direction", false, out));
    }
    run(in, s);
    preconditioner.apply(from, to, s);
    run(out, s);
  }

  /**
   * The same for one layer, from 0.
   *
   * @throws IllegalArgumentException if a shape does not fit the layer's layout
   * @throws IllegalStateException before the first {@link Preconditioner#refresh}
   */
  public void apply(int layer, LayerWeights gradient, LayerWeights direction, Stream s) {
    preconditioner.checkReady(s);
    Check.that(layer >= 0 && layer < layers.size(), "layer %d of %d, from 0", layer, layers.size());
    List<Arrange.Item> in = new ArrayList<>();
    List<Arrange.Item> out = new ArrayList<>();
    Matrix from = place(layer, gradient, "gradient", true, in);
    Matrix to = place(layer, direction, "direction", false, out);
    run(in, s);
    preconditioner.apply(layer, from, to, s);
    run(out, s);
  }

  private void run(List<Arrange.Item> items, Stream s) {
    if (!items.isEmpty()) {
      arrange.run(s, items);
    }
  }

  /** The matrix that the solve takes, with the copies into it, or out of it. */
  private Matrix place(
      int l, LayerWeights w, String what, boolean into, List<Arrange.Item> copies) {
    LayerSpec spec = layers.get(l);
    checkPieces(l, spec, w, what);
    Matrix P = packed.get(l);
    if (P == null) {
      return spec.kind().elementwise() ? column(w.weights()) : w.weights();
    }
    if (spec.kind().elementwise()) {
      int d = spec.width();
      copies.add(copy(column(w.weights()), false, P.rows(0, d), into));
      copies.add(copy(column(w.bias()), false, P.rows(d, d), into));
      return P;
    }
    boolean transposed = spec.layout() == WeightLayout.IN_OUT;
    boolean apart = spec.bias() == Bias.SEPARATE;
    Matrix body = apart ? P.columns(spec.inputs()) : P;
    copies.add(copy(w.weights(), transposed, body, into));
    if (apart) {
      long last = P.pointer() + 4L * spec.inputs();
      Matrix bias = Matrix.wrap(last, P.rows(), 1, P.stride());
      copies.add(copy(w.bias(), true, bias, into));
    }
    return P;
  }

  private static Arrange.Item copy(Matrix piece, boolean transposed, Matrix P, boolean into) {
    return into ? new Arrange.Item(piece, transposed, P) : new Arrange.Item(P, transposed, piece);
  }

  /** A row as a column. */
  private static Matrix column(Matrix row) {
    return Matrix.wrap(row.pointer(), row.columns(), 1, 1);
  }

  private static void checkPieces(int l, LayerSpec spec, LayerWeights w, String what) {
    boolean apart = spec.bias() == Bias.SEPARATE;
    String name = what + " of layer " + l;
    Check.that(
        (w.bias() != null) == apart,
        "%s has %s bias piece; the layer's bias is %s",
        name,
        w.bias() == null ? "no" : "a",
        spec.bias());
    if (spec.kind().elementwise()) {
      Check.shape(w.weights(), 1, spec.width(), name);
    } else {
      int columns = apart ? spec.inputs() : spec.activations();
      boolean transposed = spec.layout() == WeightLayout.IN_OUT;
      Check.shape(
          w.weights(),
          transposed ? columns : spec.units(),
          transposed ? spec.units() : columns,
          name);
    }
    if (apart) {
      int length = spec.kind().elementwise() ? spec.width() : spec.units();
      Check.shape(w.bias(), 1, length, "bias of the " + name);
    }
  }
}
