package dev.krongauss.precondition;

import dev.krongauss.device.Check;
import java.util.Locale;

/**
 * What a layer of a preconditioner is. Its gradient is kept as {@code [units][activations]}, with
 * the factor Q of the activations' side and G, or its diagonal, of the units'.
 *
 * @param kind of an embedding the units are its rows (whose factor is the diagonal) and the
 *     activations its d outputs; of a scale the units are its parameters and there is one
 *     activation, 1
 * @param positions T of a batch that does not say it
 */
record LayerSpec(
    Kind kind,
    int activations,
    int units,
    boolean diagonal,
    int positions,
    Sharing sharing,
    WeightLayout layout,
    Bias bias) {
  /** What the parameters do. */
  enum Kind {
    DENSE,
    EMBEDDING,
    SCALE_AND_SHIFT,
    SCALE,
    SHIFT;

    /** Whether it is a scale, a shift or both. */
    boolean elementwise() {
      return this != DENSE && this != EMBEDDING;
    }

    /** In words. */
    String words() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  static LayerSpec dense(int activations, int units, boolean diagonal) {
    return new LayerSpec(
        Kind.DENSE,
        activations,
        units,
        diagonal,
        1,
        Sharing.EXPAND,
        WeightLayout.OUT_IN,
        Bias.COLUMN);
  }

  static LayerSpec embedding(int rows, int units) {
    return new LayerSpec(
        Kind.EMBEDDING, units, rows, true, 1, Sharing.EXPAND, WeightLayout.OUT_IN, Bias.NONE);
  }

  static LayerSpec elementwise(Kind kind, int d, boolean diagonal) {
    int parameters = kind == Kind.SCALE_AND_SHIFT ? 2 * d : d;
    Bias bias = kind == Kind.SCALE_AND_SHIFT ? Bias.SEPARATE : Bias.NONE;
    return new LayerSpec(
        kind, 1, parameters, diagonal, 1, Sharing.REDUCE, WeightLayout.OUT_IN, bias);
  }

  LayerSpec shared(int T, Sharing how) {
    return new LayerSpec(kind, activations, units, diagonal, T, how, layout, bias);
  }

  LayerSpec layout(WeightLayout weights, Bias where) {
    return new LayerSpec(kind, activations, units, diagonal, positions, sharing, weights, where);
  }

  /** Whether it is a dense layer that is applied once a datapoint, with all of its activations. */
  boolean once() {
    return kind == Kind.DENSE && positions == 1 && bias != Bias.SEPARATE;
  }

  /** Rows of a batch, of the layer's own number of positions. */
  Positions positionsOf(int rows) {
    Check.that(
        rows % positions == 0,
        "%d rows of a layer shared by %d positions; hand over a multiple, or call positions()",
        rows,
        positions);
    return Positions.of(rows / positions, positions);
  }

  /** Whether calls for this kind are for it; those of a scale are for one with a shift, too. */
  boolean is(Kind other) {
    return kind == other || other == Kind.SCALE && kind == Kind.SCALE_AND_SHIFT;
  }

  /** Columns of the activations without the 1. */
  int inputs() {
    return bias == Bias.NONE ? activations : activations - 1;
  }

  /** d of a scale or a shift. */
  int width() {
    return kind == Kind.SCALE_AND_SHIFT ? units / 2 : units;
  }

  /** Columns of the widest rows that enter a factor. */
  int widest() {
    return kind == Kind.DENSE && !diagonal || kind.elementwise()
        ? Math.max(activations, units)
        : activations;
  }

  /** Whether gradients are kept as {@code [units][activations]} already. */
  boolean plain() {
    return kind == Kind.EMBEDDING
        || kind != Kind.SCALE_AND_SHIFT && layout == WeightLayout.OUT_IN && bias != Bias.SEPARATE;
  }

  /** Parameters of the layer. */
  long parameters() {
    return (long) activations * units;
  }
}
