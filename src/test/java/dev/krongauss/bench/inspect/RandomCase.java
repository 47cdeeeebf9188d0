package dev.krongauss.bench.inspect;

import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.reference.ReferenceTransfer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A case drawn from its number, as a user would write it and as the double reference takes it. */
final class RandomCase {
  private static final int[] WIDTHS = {1, 2, 3, 5, 7, 11, 16, 17, 31, 33, 64, 65, 130};
  private static final String[] ACTIVATIONS = {
    "tanh", "logistic", "relu", "leaky_relu", "identity", "softplus"
  };

  final Map<String, Object> json = new LinkedHashMap<>();
  final int[] sizes;
  final String activation;
  final OutputTerms.Kind loss;
  final double[][][] W;
  final double[][] X;
  final double[][] T;
  final double[][][] sampled;
  final double gamma2;
  final double eta;
  private final SplittableRandom random;

  RandomCase(int number) {
    random = new SplittableRandom(number);
    int depth = 1 + number % 6;
    sizes = new int[depth + 1];
    for (int l = 0; l <= depth; l++) {
      sizes[l] = WIDTHS[random.nextInt(WIDTHS.length)];
    }
    if (number % 7 == 0) {
      sizes[random.nextInt(depth + 1)] = 130;
    }
    loss = OutputTerms.Kind.values()[number / 6 % OutputTerms.Kind.values().length];
    if (loss.mixture()) {
      sizes[depth] = 3;
    }
    activation = ACTIVATIONS[number % ACTIVATIONS.length];
    int N = number % 5 == 0 ? 1 : 2 + random.nextInt(9);
    W = new double[depth][][];
    for (int l = 0; l < depth; l++) {
      W[l] = matrix(sizes[l + 1], sizes[l] + 1, Math.sqrt(6.0 / (sizes[l] + sizes[l + 1])));
    }
    X = matrix(N, sizes[0], 1);
    T = targets(N, loss.mixture() ? 1 : sizes[depth]);
    gamma2 = Math.pow(10, -4 + 3 * random.nextDouble());
    eta = number % 3 == 0 ? 0 : 1e-5;
    sampled = number % 2 == 0 ? new double[3][][] : null;
    for (int s = 0; sampled != null && s < sampled.length; s++) {
      sampled[s] = matrix(N, sizes[depth], 1);
    }
    write();
  }

  /**
   * One linear layer whose logits are {@code gap} apart, all of its numbers and of the logits exact
   * as floats.
   */
  private RandomCase(OutputTerms.Kind loss, int gap) {
    this.loss = loss;
    random = new SplittableRandom(gap);
    sizes = new int[] {2, 3};
    activation = "tanh";
    W = new double[][][] {{{gap, 0, 0}, {0, gap, 0}, {-0.5 * gap, -0.5 * gap, 0}}};
    X =
        new double[][] {
          {1, 0}, {0.96875, 0.03125}, {0, 1}, {0.0625, 0.9375}, {-1, -1}, {-0.96875, -1}, {1, 1}
        };
    T = targets(X.length, loss.mixture() ? 1 : 3);
    gamma2 = 1e-3;
    eta = 0;
    sampled = null;
    write();
  }

  static RandomCase confident(OutputTerms.Kind loss, int gap) {
    return new RandomCase(loss, gap);
  }

  ReferenceNetwork network() {
    ReferenceTransfer[] f = new ReferenceTransfer[W.length];
    for (int l = 0; l < W.length; l++) {
      f[l] = l == W.length - 1 ? ReferenceTransfer.IDENTITY : hidden();
    }
    return new ReferenceNetwork(W, f);
  }

  private ReferenceTransfer hidden() {
    return switch (activation) {
      case "tanh" -> ReferenceTransfer.TANH;
      case "logistic" -> ReferenceTransfer.LOGISTIC;
      case "relu" -> ReferenceTransfer.RELU;
      case "leaky_relu" -> ReferenceTransfer.leakyRelu(0.1);
      case "softplus" -> ReferenceTransfer.SOFTPLUS;
      default -> ReferenceTransfer.IDENTITY;
    };
  }

  private void write() {
    List<Object> plain = new ArrayList<>();
    List<Object> bias = new ArrayList<>();
    for (double[][] layer : W) {
      List<Object> rows = new ArrayList<>();
      List<Object> last = new ArrayList<>();
      for (double[] row : layer) {
        List<Object> values = list(row);
        last.add(values.remove(row.length - 1));
        rows.add(values);
      }
      plain.add(rows);
      bias.add(last);
    }
    json.put("sizes", java.util.Arrays.stream(sizes).boxed().toList());
    json.put("activation", activation);
    json.put("negative_slope", 0.1);
    json.put("output", "identity");
    json.put("loss", loss.mixture() ? "mixture" : loss.name().toLowerCase(java.util.Locale.ROOT));
    if (loss == OutputTerms.Kind.LOGIT) {
      json.put("split", "logit");
    }
    json.put("W", plain);
    json.put("b", bias);
    json.put("input", lists(X));
    json.put("targets", loss == OutputTerms.Kind.SOFTMAX ? classes() : lists(T));
    json.put("gamma2", gamma2);
    json.put("eta", eta);
    if (sampled != null) {
      json.put(
          "sampled_gradients", java.util.Arrays.stream(sampled).map(RandomCase::lists).toList());
    }
  }

  /** Class numbers for the one-hot rows of T. */
  private List<Object> classes() {
    List<Object> numbers = new ArrayList<>();
    for (double[] t : T) {
      int k = 0;
      while (t[k] == 0) {
        k++;
      }
      numbers.add(k);
    }
    return numbers;
  }

  private double[][] targets(int N, int outputs) {
    double[][] targets = matrix(N, outputs, 1);
    for (double[] t : targets) {
      if (loss == OutputTerms.Kind.BERNOULLI || loss.mixture()) {
        t[0] = Math.abs(t[0]) > 0.5 ? 1 : 0;
        for (int i = 1; i < t.length; i++) {
          t[i] = Math.abs(t[i]);
        }
      } else if (loss == OutputTerms.Kind.SOFTMAX) {
        java.util.Arrays.fill(t, 0);
        t[random.nextInt(t.length)] = 1;
      }
    }
    return targets;
  }

  private double[][] matrix(int rows, int columns, double width) {
    double[][] values = new double[rows][columns];
    for (double[] row : values) {
      for (int j = 0; j < columns; j++) {
        row[j] = width * (2 * random.nextDouble() - 1);
      }
    }
    return values;
  }

  static List<Object> lists(double[][] rows) {
    List<Object> result = new ArrayList<>();
    for (double[] row : rows) {
      result.add(list(row));
    }
    return result;
  }

  private static List<Object> list(double[] row) {
    List<Object> result = new ArrayList<>();
    for (double value : row) {
      result.add(value);
    }
    return result;
  }
}
