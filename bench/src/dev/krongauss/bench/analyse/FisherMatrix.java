package dev.krongauss.bench.analyse;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Loss;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.ejml.simple.SimpleMatrix;

/** E[∇E ∇Eᵀ] over the model's own targets against the curvature that KFLR and KFRA start from. */
final class FisherMatrix implements Analysis {
  private static final int OUTPUTS = 3;
  private static final int POINTS = 20;

  @Override
  public String title() {
    return "Fisher and Gauss-Newton at the output";
  }

  @Override
  public void run(Device device, Scale scale, Sheet sheet) throws IOException {
    sheet.text(
        "The expectation over the model's targets is summed exactly, at %d random outputs in [−3, 3)³; for the squared loss"
            + " over a two-point distribution with the model's mean and variance. Largest difference of an entry of the Fisher"
            + " matrix from the loss' curvature at any of the targets. The mixture's default curvature, ∇E ∇Eᵀ at the target that"
            + " was seen, is another matrix; its split at the logit is the Fisher.",
        POINTS);
    List<List<String>> rows = new ArrayList<>();
    for (Model model : Model.values()) {
      rows.add(List.of(model.loss.name(), Sheet.number(difference(device, model))));
    }
    List<String> headings = List.of("loss", "largest difference");
    sheet.table(headings, rows);
    sheet.csv("fisher.csv", headings, rows);
  }

  /** A target and its probability under the model. */
  private record Outcome(double[] target, double probability) {}

  /** The distribution over targets whose negative logarithm the loss is. */
  private enum Model {
    /** Unit variance around h; any distribution with this mean and variance has the same Fisher. */
    SQUARED(Small.Targets.REAL.loss()) {
      @Override
      List<Outcome> outcomes(double[] h) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int k = 0; k < h.length; k++) {
          for (int sign = -1; sign <= 1; sign += 2) {
            double[] t = h.clone();
            t[k] += sign * Math.sqrt(h.length);
            outcomes.add(new Outcome(t, 0.5 / h.length));
          }
        }
        return outcomes;
      }
    },
    BERNOULLI(Small.Targets.BITS.loss()) {
      @Override
      List<Outcome> outcomes(double[] h) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int bits = 0; bits < 1 << h.length; bits++) {
          double[] t = new double[h.length];
          double probability = 1;
          for (int k = 0; k < h.length; k++) {
            t[k] = bits >> k & 1;
            probability *= 1 / (1 + Math.exp(t[k] == 1 ? -h[k] : h[k]));
          }
          outcomes.add(new Outcome(t, probability));
        }
        return outcomes;
      }
    },
    SOFTMAX(Small.Targets.CLASSES.loss()) {
      @Override
      List<Outcome> outcomes(double[] h) {
        List<Outcome> outcomes = new ArrayList<>();
        double total = 0;
        for (double value : h) {
          total += Math.exp(value);
        }
        for (int k = 0; k < h.length; k++) {
          double[] t = new double[h.length];
          t[k] = 1;
          outcomes.add(new Outcome(t, Math.exp(h[k]) / total));
        }
        return outcomes;
      }
    },
    MIXTURE_OUTCOME(Loss.mixture(Loss.Split.OUTCOME)) {
      @Override
      List<Outcome> outcomes(double[] h) {
        return ofMixture(h);
      }
    },
    MIXTURE_LOGIT(Loss.mixture(Loss.Split.LOGIT)) {
      @Override
      List<Outcome> outcomes(double[] h) {
        return ofMixture(h);
      }
    };

    private final LossFunction loss;

    Model(LossFunction loss) {
      this.loss = loss;
    }

    abstract List<Outcome> outcomes(double[] h);

    private static List<Outcome> ofMixture(double[] h) {
      double pi = 1 / (1 + Math.exp(-h[0]));
      double one = pi / (1 + Math.exp(-h[1])) + (1 - pi) / (1 + Math.exp(-h[2]));
      return List.of(new Outcome(new double[] {0}, 1 - one), new Outcome(new double[] {1}, one));
    }
  }

  private static double difference(Device device, Model model) {
    SplittableRandom random = new SplittableRandom(4);
    double largest = 0;
    for (int point = 0; point < POINTS; point++) {
      double[] h = new double[OUTPUTS];
      for (int k = 0; k < OUTPUTS; k++) {
        h[k] = (float) (6 * random.nextDouble() - 3);
      }
      largest = Math.max(largest, difference(device, model, h));
    }
    return largest;
  }

  private static double difference(Device device, Model model, double[] h) {
    List<Outcome> outcomes = model.outcomes(h);
    int rows = outcomes.size();
    Stream s = device.stream();
    try (LossFunction.OnDevice loss = model.loss.on(device);
        Arena arena = device.newArena("fisher")) {
      double[][] t = outcomes.stream().map(Outcome::target).toArray(double[][]::new);
      double[][] repeated = new double[rows][];
      java.util.Arrays.fill(repeated, h);
      Matrix H = upload(arena, repeated, s);
      Matrix T = upload(arena, t, s);
      Matrix gradient = arena.matrix(rows, OUTPUTS, "gradient");
      Buffer values = arena.floats(rows, "values");
      loss.evaluate(H, T, gradient, values.pointer(), s);
      SimpleMatrix g = Symmetric.matrix(gradient, s);
      double largest = 0;
      for (int k = 0; k < OUTPUTS; k++) {
        double[][] unit = new double[rows][OUTPUTS];
        for (double[] row : unit) {
          row[k] = 1;
        }
        Matrix product = arena.matrix(rows, OUTPUTS, "product");
        loss.curvatureVector(H, T, upload(arena, unit, s), product, s);
        SimpleMatrix column = Symmetric.matrix(product, s);
        for (int i = 0; i < OUTPUTS; i++) {
          double fisher = 0;
          for (int r = 0; r < rows; r++) {
            fisher += outcomes.get(r).probability() * g.get(r, i) * g.get(r, k);
          }
          for (int r = 0; r < rows; r++) {
            largest = Math.max(largest, Math.abs(fisher - column.get(r, i)));
          }
        }
      }
      return largest;
    }
  }

  private static Matrix upload(Arena arena, double[][] values, Stream s) {
    Matrix matrix = arena.matrix(values.length, values[0].length, "values");
    float[] flat = new float[values.length * values[0].length];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = (float) values[i / values[0].length][i % values[0].length];
    }
    matrix.upload(flat, s);
    return matrix;
  }
}
