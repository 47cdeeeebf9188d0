package dev.krongauss.diagnose;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The ways in which a layer's gradient may have come about, likely ones first. */
final class Hypotheses {
  /** How much wider margins are where a non-linearity is computed here and there. */
  private static final double TWO_PROGRAMS = 64;

  private final Batch batch;
  private final List<Separated> layers;
  private final Separated layer;
  private final Product weights;
  private final Product bias;
  private final Sketch sketch;
  private final List<Hypothesis> all = new ArrayList<>();

  private Hypotheses(
      Batch batch, List<Separated> layers, Separated layer, Product weights, Product bias) {
    this.batch = batch;
    this.layers = layers;
    this.layer = layer;
    this.weights = weights;
    this.bias = bias;
    this.sketch = new Sketch(layer.g());
  }

  /**
   * Lists them; nothing is computed before it is asked for.
   *
   * @param layers all of them, null where shapes fit nothing
   * @param weights Σ δ aᵀ
   * @param bias Σ δ
   */
  static List<Hypothesis> of(
      Batch batch, List<Separated> layers, Separated layer, Product weights, Product bias) {
    Hypotheses hypotheses = new Hypotheses(batch, layers, layer, weights, bias);
    hypotheses.transposed();
    hypotheses.biasFirst();
    hypotheses.staleActivations();
    hypotheses.rowOrders();
    hypotheses.otherLayers();
    hypotheses.nonLinearities();
    hypotheses.columnOrders();
    return hypotheses.all;
  }

  private void transposed() {
    if (layer.in() == layer.out() && layer.in() > 1) {
      add(
          Fault.TRANSPOSED,
          Double.NaN,
          "the transpose of its weights",
          () -> gradients(layer.g().transposed().values(), layer.b()));
    }
    if (layer.b() != null) {
      add(
          Fault.TRANSPOSED,
          Double.NaN,
          "its numbers read as [in + 1][out]",
          () -> split(rejoined(), layer.in() + 1, layer.out(), true));
    } else if (layer.in() != layer.out()) {
      add(
          Fault.TRANSPOSED,
          Double.NaN,
          "its numbers read as [in][out]",
          () ->
              gradients(
                  new Values(layer.in(), layer.out(), layer.g().values()).transposed().values(),
                  null));
    }
  }

  private void biasFirst() {
    if (layer.b() != null) {
      add(
          Fault.BIAS_FIRST,
          Double.NaN,
          "its first column as the bias",
          () -> split(rejoined(), layer.out(), layer.in() + 1, false));
    }
  }

  /** The gradient as it was handed over, bias last. */
  private float[] rejoined() {
    int in = layer.in();
    float[] whole = new float[layer.out() * (in + 1)];
    for (int i = 0; i < layer.out(); i++) {
      System.arraycopy(layer.g().values(), i * in, whole, i * (in + 1), in);
      whole[i * (in + 1) + in] = layer.b()[i];
    }
    return whole;
  }

  private Optional<Hypothesis.Pair> split(float[] whole, int rows, int columns, boolean turned) {
    Values read = new Values(rows, columns, whole);
    Values upright = turned ? read.transposed() : read;
    int in = layer.in();
    return turned
        ? gradients(upright.columns(0, in).values(), upright.columns(in, 1).values())
        : gradients(upright.columns(1, in).values(), upright.columns(0, 1).values());
  }

  private void staleActivations() {
    if (layer.before() != null && layer.before().rows() == layer.R()) {
      add(
          Fault.STALE_ACTIVATIONS,
          Double.NaN,
          "the activations of the batch before",
          () -> products(layer.D(), layer.before()));
    }
  }

  private void rowOrders() {
    for (RowOrder order : RowOrder.all(batch.N(), batch.T())) {
      add(
          order.fault(),
          order.number(),
          order.words(),
          () -> products(layer.D().rows(order.rows()), layer.A()));
    }
  }

  private void otherLayers() {
    for (Separated other : layers) {
      if (other == null || other == layer) {
        continue;
      }
      int l = other.index();
      boolean inFits = other.in() == layer.in();
      boolean outFits = other.out() == layer.out();
      if (inFits && outFits) {
        add(
            Fault.LAYERS_SWAPPED,
            l,
            "the activations and δ of layer " + l,
            () -> products(other.D(), other.A()));
      }
      if (inFits) {
        add(
            Fault.LAYERS_SWAPPED,
            l,
            "the activations of layer " + l,
            () -> products(layer.D(), other.A()));
      }
      if (outFits) {
        add(Fault.LAYERS_SWAPPED, l, "the δ of layer " + l, () -> products(other.D(), layer.A()));
      }
    }
  }

  private void nonLinearities() {
    Separated next = layer.index() + 1 < layers.size() ? layers.get(layer.index() + 1) : null;
    for (NonLinearity each : NonLinearity.ALL) {
      add(
          Fault.BEFORE_ACTIVATION,
          Double.NaN,
          each.name() + " of these activations",
          () -> rounded(layer.A(), layer.D(), each.of(layer.A())));
      if (next != null && next.in() == layer.out() && each.slope() != null) {
        add(
            Fault.AFTER_ACTIVATION,
            Double.NaN,
            "δ times the derivative of " + each.name(),
            () -> rounded(layer.D(), each.back(layer.D(), next.A()), layer.A()));
      }
    }
  }

  private void columnOrders() {
    int in = layer.in();
    int out = layer.out();
    float[] g = layer.g().values();
    if (in > 1) {
      int[] order = Rearrangement.columns(g, weights.value(), out, in, batch.unit());
      int example = displaced(order);
      add(
          Fault.INPUTS_REORDERED,
          example,
          "activations in another order: its column %d is column %d of theirs"
              .formatted(example, order[Math.max(0, example)]),
          () -> Optional.of(pair(g, weights.withColumns(order), layer.b(), bias)));
    }
    if (out > 1) {
      float[] turned = layer.g().transposed().values();
      Product M = weights.transposed();
      int[] order = Rearrangement.columns(turned, M.value(), in, out, batch.unit());
      int example = displaced(order);
      Product sums = bias == null ? null : bias.transposed().withColumns(order);
      add(
          Fault.UNITS_REORDERED,
          example,
          "δ in another order: its row %d is column %d of theirs"
              .formatted(example, order[Math.max(0, example)]),
          () -> Optional.of(pair(turned, M.withColumns(order), layer.b(), sums)));
    }
  }

  private static int displaced(int[] order) {
    for (int j = 0; j < order.length; j++) {
      if (order[j] != j) {
        return j;
      }
    }
    return -1;
  }

  private Optional<Hypothesis.Pair> gradients(float[] g, float[] b) {
    return Optional.of(pair(g, weights, b, bias));
  }

  private Optional<Hypothesis.Pair> products(Values D, Values A) {
    return products(D, A, 1);
  }

  /** Not where D or A are hardly other than what was there: margins are too wide to tell. */
  private Optional<Hypothesis.Pair> rounded(Values was, Values D, Values A) {
    boolean other = was.isOtherThan(was == layer.A() ? A : D);
    return other ? products(D, A, TWO_PROGRAMS) : Optional.empty();
  }

  private Optional<Hypothesis.Pair> products(Values D, Values A, double looser) {
    if (D.rows() != A.rows() || !sketch.may(D, A)) {
      return Optional.empty();
    }
    Product M = Product.of(D, A, batch.rounding(), batch.N()).loosened(looser);
    Product sums = Product.ofOnes(D, batch.rounding(), batch.N()).loosened(looser);
    return Optional.of(pair(layer.g().values(), M, layer.b(), sums));
  }

  private Hypothesis.Pair pair(float[] g, Product M, float[] b, Product sums) {
    return new Hypothesis.Pair(
        new Comparison(g, M, batch.rounding()),
        b == null ? null : new Comparison(b, sums, batch.rounding()));
  }

  private void add(
      Fault fault,
      double number,
      String words,
      java.util.function.Supplier<Optional<Hypothesis.Pair>> parts) {
    all.add(new Hypothesis(fault, number, words, parts));
  }
}
