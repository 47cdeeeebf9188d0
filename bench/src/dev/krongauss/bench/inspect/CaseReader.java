package dev.krongauss.bench.inspect;

import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import java.util.List;

/** Reads a case and checks all of it before anything is computed. */
final class CaseReader {
  /** How the targets of a loss are written. */
  private enum Targets {
    REAL,
    FRACTION,
    CLASS,
    BIT
  }

  private static final float MOST_DAMPING = 1e20f;

  private final Fields fields;
  private int[] sizes;

  private CaseReader(Fields fields) {
    this.fields = fields;
  }

  static Case read(Fields fields) throws CaseException {
    return new CaseReader(fields).read();
  }

  private Case read() throws CaseException {
    sizes = sizes();
    Activation activation = activation();
    if (fields.has("output") && !fields.text("output").equals("identity")) {
      throw new CaseException(
          "output", "is '%s'; the output is 'identity': losses take logits", fields.text("output"));
    }
    String name = fields.text("loss");
    LossFunction loss = loss(name);
    float[][] weights = weights();
    float[] inputs = inputs();
    int N = inputs.length / (sizes[0] + 1);
    float[] targets = targets(name, N);
    float gamma2 = atLeastZero("gamma2");
    float eta = fields.has("eta") ? atLeastZero("eta") : 0;
    if (gamma2 + eta <= 0) {
      throw new CaseException(
          "gamma2", "gamma2 + eta is %s; the factors are damped with its root", gamma2 + eta);
    }
    if (gamma2 + eta > MOST_DAMPING) {
      throw new CaseException(
          "gamma2", "gamma2 + eta is %s; %s is the most", gamma2 + eta, MOST_DAMPING);
    }
    float[][] sampled = fields.has("sampled_gradients") ? sampledGradients(N) : null;
    boolean exact = exact();
    return new Case(sizes, activation, loss, weights, inputs, targets, gamma2, eta, exact, sampled);
  }

  /** Whether the case asks for the exact step, which may be large. */
  private boolean exact() throws CaseException {
    if (!fields.has("method")) {
      return false;
    }
    if (!fields.text("method").equals("exact")) {
      throw new CaseException(
          "method",
          "is '%s'; the others are always written: leave it out, or say 'exact'",
          fields.text("method"));
    }
    return true;
  }

  private int[] sizes() throws CaseException {
    int[] values = fields.integers("sizes");
    if (values.length < 2) {
      throw new CaseException(
          "sizes", "has %d entries; inputs and outputs at least", values.length);
    }
    for (int l = 0; l < values.length; l++) {
      if (values[l] < 1) {
        throw new CaseException(Fields.place("sizes", l), "is %d, not positive", values[l]);
      }
    }
    return values;
  }

  private Activation activation() throws CaseException {
    String name = fields.text("activation");
    return switch (name) {
      case "tanh" -> Activation.TANH;
      case "logistic" -> Activation.LOGISTIC;
      case "relu" -> Activation.RELU;
      case "identity" -> Activation.IDENTITY;
      case "softplus" -> Activation.SOFTPLUS;
      case "leaky_relu" ->
          Activation.leakyRelu(
              fields.has("negative_slope") ? fields.number("negative_slope") : 0.1f);
      default ->
          throw new CaseException(
              "activation",
              "is '%s'; choose from tanh, logistic, relu, leaky_relu, identity, softplus",
              name);
    };
  }

  private LossFunction loss(String name) throws CaseException {
    return switch (name) {
      case "squared" -> Loss.squared();
      case "bernoulli" -> Loss.bernoulli();
      case "softmax" -> Loss.softmax();
      case "mixture" -> Loss.mixture(split());
      default ->
          throw new CaseException(
              "loss", "is '%s'; choose from squared, bernoulli, softmax, mixture", name);
    };
  }

  private Loss.Split split() throws CaseException {
    int outputs = sizes[sizes.length - 1];
    if (outputs != 3) {
      throw new CaseException(
          "sizes", "end with %d outputs; the mixture of two binary classifiers has 3", outputs);
    }
    String name = fields.has("split") ? fields.text("split") : "outcome";
    return switch (name) {
      case "outcome" -> Loss.Split.OUTCOME;
      case "logit" -> Loss.Split.LOGIT;
      default -> throw new CaseException("split", "is '%s'; choose from outcome, logit", name);
    };
  }

  /** W and b of each layer as one matrix with the bias last. */
  private float[][] weights() throws CaseException {
    List<?> W = perLayer("W");
    List<?> b = perLayer("b");
    float[][] result = new float[sizes.length - 1][];
    for (int l = 0; l < result.length; l++) {
      int out = sizes[l + 1];
      int in = sizes[l];
      List<?> rows = Fields.list(W.get(l), Fields.place("W", l));
      if (rows.size() != out) {
        throw new CaseException(Fields.place("W", l), "has %d rows, not %d", rows.size(), out);
      }
      float[] plain = Fields.rows(rows, in, Fields.place("W", l));
      float[] bias = Fields.row(b.get(l), out, Fields.place("b", l));
      result[l] = new float[out * (in + 1)];
      for (int i = 0; i < out; i++) {
        System.arraycopy(plain, i * in, result[l], i * (in + 1), in);
        result[l][i * (in + 1) + in] = bias[i];
      }
    }
    return result;
  }

  private List<?> perLayer(String name) throws CaseException {
    List<?> list = fields.list(name);
    if (list.size() != sizes.length - 1) {
      throw new CaseException(
          name, "has %d layers, but sizes have %d", list.size(), sizes.length - 1);
    }
    return list;
  }

  private float[] inputs() throws CaseException {
    List<?> rows = fields.list("input");
    if (rows.isEmpty()) {
      throw new CaseException("input", "has no datapoint");
    }
    float[] plain = Fields.rows(rows, sizes[0], "input");
    float[] result = new float[rows.size() * (sizes[0] + 1)];
    for (int n = 0; n < rows.size(); n++) {
      System.arraycopy(plain, n * sizes[0], result, n * (sizes[0] + 1), sizes[0]);
      result[n * (sizes[0] + 1) + sizes[0]] = 1;
    }
    return result;
  }

  private float[] targets(String loss, int N) throws CaseException {
    List<?> rows = fields.list("targets");
    if (rows.size() != N) {
      throw new CaseException("targets", "has %d rows for %d datapoints", rows.size(), N);
    }
    Targets kind =
        switch (loss) {
          case "squared" -> Targets.REAL;
          case "bernoulli" -> Targets.FRACTION;
          case "softmax" -> Targets.CLASS;
          default -> Targets.BIT;
        };
    int width = kind == Targets.BIT ? 1 : sizes[sizes.length - 1];
    float[] result = new float[N * width];
    for (int n = 0; n < N; n++) {
      String place = Fields.place("targets", n);
      float[] row =
          kind == Targets.CLASS && !isRowOf(rows.get(n), width)
              ? oneHot(single(rows.get(n), place), width, place)
              : kind == Targets.BIT
                  ? new float[] {Fields.number(single(rows.get(n), place), place)}
                  : Fields.row(rows.get(n), width, place);
      check(kind, row, place);
      System.arraycopy(row, 0, result, n * width, width);
    }
    return result;
  }

  /** A number, or an array of one. */
  private static Object single(Object value, String name) throws CaseException {
    if (!(value instanceof List<?> list)) {
      return value;
    }
    if (list.size() != 1) {
      throw new CaseException(name, "has %d numbers, not 1", list.size());
    }
    return list.get(0);
  }

  /** A row of one number with one class is that row, not a class number. */
  private static boolean isRowOf(Object value, int width) {
    return value instanceof List<?> list && (list.size() != 1 || width == 1);
  }

  private static float[] oneHot(Object value, int classes, String name) throws CaseException {
    int number = Fields.integer(value, name);
    if (number < 0 || number >= classes) {
      throw new CaseException(name, "is class %d; there are 0 .. %d", number, classes - 1);
    }
    float[] row = new float[classes];
    row[number] = 1;
    return row;
  }

  private static void check(Targets kind, float[] row, String name) throws CaseException {
    double sum = 0;
    for (int j = 0; j < row.length; j++) {
      sum += row[j];
      if (kind == Targets.BIT && row[j] != 0 && row[j] != 1) {
        throw new CaseException(name, "is %s; the mixture's targets are 0 or 1", row[j]);
      }
      if (kind != Targets.REAL && (row[j] < 0 || row[j] > 1)) {
        throw new CaseException(Fields.place(name, j), "is %s, outside of [0, 1]", row[j]);
      }
    }
    if (kind == Targets.CLASS && Math.abs(sum - 1) > 1e-5) {
      throw new CaseException(name, "sums to %s; a softmax target sums to 1", sum);
    }
  }

  private float atLeastZero(String name) throws CaseException {
    float value = fields.number(name);
    if (value < 0) {
      throw new CaseException(name, "is %s, below 0", value);
    }
    return value;
  }

  private float[][] sampledGradients(int N) throws CaseException {
    List<?> samples = fields.list("sampled_gradients");
    if (samples.isEmpty()) {
      throw new CaseException("sampled_gradients", "has no sample");
    }
    float[][] result = new float[samples.size()][];
    for (int s = 0; s < result.length; s++) {
      String place = Fields.place("sampled_gradients", s);
      List<?> rows = Fields.list(samples.get(s), place);
      if (rows.size() != N) {
        throw new CaseException(place, "has %d rows for %d datapoints", rows.size(), N);
      }
      result[s] = Fields.rows(rows, sizes[sizes.length - 1], place);
    }
    return result;
  }
}
