package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.krongauss.data.Batches;
import dev.krongauss.device.Device;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Gaussian;
import dev.krongauss.testing.Huber;
import dev.krongauss.testing.Nvcc;
import dev.krongauss.testing.Table;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Losses on real data, one of each kind: an example of a loss in Java and of one in CUDA, and KFLR
 * on ten classes. Each has to beat a linear model on rows that it has not seen.
 */
final class OwnLossExamplesTest {
  private static final Logger LOG = LoggerFactory.getLogger(OwnLossExamplesTest.class);
  private static final Device DEVICE = TestDevice.get();

  /** Huber regression of house values, robust against the value at which they were cut off. */
  @Test
  void huberRegressionInJava() {
    Table table =
        Table.read(
                "california_housing.csv",
                numbers(
                    "longitude",
                    "latitude",
                    "housing_median_age",
                    "total_rooms",
                    "total_bedrooms",
                    "population",
                    "households",
                    "median_income"),
                numbers("median_house_value"),
                4000,
                2000)
            .withStandardisedTargets();
    Huber huber = new Huber(0.5f);
    try (Network network = network(8, 20, 1)) {
      double[][] h =
          train(network, table, GaussNewton.kflr().build(network, Loss.onHost(huber)), 60);
      double[][] t = table.testTargets();
      double linear = mean(huber, table.linearPredictions(), t);
      double trained = mean(huber, h, t);
      LOG.info("california_housing: Huber loss {}, linear model {}", trained, linear);
      assertThat(trained).isLessThan(0.85 * linear);
    }
  }

  /** The age of abalones with its uncertainty: mean and log variance are learned. */
  @Test
  void gaussianWithLearnedVarianceFromPtx() {
    gaussian(Gaussian.fromPtx());
  }

  @Test
  void gaussianWithLearnedVarianceFromSource() {
    Nvcc.assume("training with a loss from CUDA source");
    gaussian(Gaussian.fromSource());
  }

  private static void gaussian(LossFunction loss) {
    Function<NamedCsvRecord, double[]> numbers =
        numbers(
            "length",
            "diameter",
            "height",
            "whole_weight",
            "shucked_weight",
            "viscera_weight",
            "shell_weight");
    Table table =
        Table.read(
                "abalone.csv",
                row -> {
                  double[] x = Arrays.copyOf(numbers.apply(row), 9);
                  x[7] = row.getField("sex").equals("M") ? 1 : 0;
                  x[8] = row.getField("sex").equals("F") ? 1 : 0;
                  return x;
                },
                numbers("rings"),
                3000,
                1000)
            .withStandardisedTargets();
    try (Network network = network(9, 10, 2)) {
      double[][] h = train(network, table, GaussNewton.kflr().build(network, loss), 60);
      double[][] t = table.testTargets();
      double[][] m = table.linearPredictions();
      double variance = table.linearResidual(); // the best constant one
      double linear = 0;
      double trained = 0;
      for (int n = 0; n < t.length; n++) {
        double r = m[n][0] - t[n][0];
        double e = h[n][0] - t[n][0];
        linear += 0.5 * (Math.log(variance) + r * r / variance) / t.length;
        trained += 0.5 * (h[n][1] + e * e * Math.exp(-h[n][1])) / t.length;
      }
      LOG.info("abalone: {} nats, linear model of one variance {}", trained, linear);
      assertThat(trained).isLessThan(linear - 0.1); // 0.13 below it when this was written
    }
  }

  /** Ten classes: KFLR, whose factor G is exact. */
  @Test
  void softmaxByKflr() {
    Function<NamedCsvRecord, double[]> pixels =
        numbers(
            Stream.of(1, 2, 3, 4, 5, 6, 7, 8)
                .flatMap(i -> Stream.of("x" + i, "y" + i))
                .toArray(String[]::new));
    Table table =
        Table.read(
            "pendigits_train.csv",
            pixels,
            row -> {
              double[] t = new double[10];
              t[Integer.parseInt(row.getField("digit"))] = 1;
              return t;
            },
            4000,
            2000);
    try (Network network = network(16, 20, 10)) {
      double[][] h = train(network, table, GaussNewton.kflr().build(network, Loss.softmax()), 30);
      double[][] t = table.testTargets();
      double linear = errors(table.linearPredictions(), t);
      double trained = errors(h, t);
      LOG.info("pendigits: error rate {}, least squares {}", trained, linear);
      assertThat(trained).isLessThan(linear / 3);
    }
  }

  private static Network network(int inputs, int hidden, int outputs) {
    return Network.input(inputs)
        .dense(hidden, Activation.TANH)
        .dense(outputs, Activation.IDENTITY)
        .build(DEVICE, 3);
  }

  /** Trains, and gives the outputs for the rows to test with. */
  private static double[][] train(Network network, Table table, Optimizer optimizer, int updates) {
    double[][] X = table.testInputs();
    try (optimizer;
        Batches batches = Batches.of(DEVICE, table.training(), 500, 1);
        DeviceBatch test = DeviceBatch.of(DEVICE, X, table.testTargets())) {
      for (int k = 0; k < updates; k++) {
        optimizer.step(batches.next());
      }
      float[] h = network.forward(test, DEVICE.stream()).download(DEVICE.stream());
      double[][] rows = new double[X.length][h.length / X.length];
      for (int i = 0; i < h.length; i++) {
        rows[i / rows[0].length][i % rows[0].length] = h[i];
      }
      return rows;
    }
  }

  private static double mean(Huber huber, double[][] h, double[][] t) {
    double sum = 0;
    for (int n = 0; n < h.length; n++) {
      sum +=
          huber.evaluate(
              new float[] {(float) h[n][0]}, new float[] {(float) t[n][0]}, new float[1]);
    }
    return sum / h.length;
  }

  private static double errors(double[][] h, double[][] t) {
    int errors = 0;
    for (int n = 0; n < h.length; n++) {
      errors += largest(h[n]) == largest(t[n]) ? 0 : 1;
    }
    return (double) errors / h.length;
  }

  private static int largest(double[] values) {
    int best = 0;
    for (int j = 1; j < values.length; j++) {
      best = values[j] > values[best] ? j : best;
    }
    return best;
  }

  private static Function<NamedCsvRecord, double[]> numbers(String... fields) {
    return row ->
        Stream.of(fields).mapToDouble(field -> Double.parseDouble(row.getField(field))).toArray();
  }
}
