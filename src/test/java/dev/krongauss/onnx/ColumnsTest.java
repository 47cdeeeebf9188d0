package dev.krongauss.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.net.Response;
import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import dev.krongauss.table.Task;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.TestDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Models that take the cells of a table, against {@code predict} of rows that the test encodes. The
 * encoding is to be the same to the last bit, so the bound is that of {@link LossesTest}.
 */
final class ColumnsTest {
  private static final double BOUND = 1e-5;
  private static final long SEED = 5;

  /** Means that leave float32 few digits, names that no programming language takes. */
  private static final List<Column> INPUTS =
      List.of(
          Column.number("year", 2015.25, 2.5, false),
          Column.category("sex", List.of("F", "I", "M"), true),
          Column.number("longitude", -119.57, 2.0035, true),
          Column.category("a b=c/é", List.of("x", "Ж"), false),
          Column.number("seconds", 1.6e9, 3e7, true));

  private static final List<Column> PRICES =
      List.of(
          Column.number("price", 206_855.8, 115_395.6, false),
          Column.number("tax", 0.003, 1e-4, false));
  private static final List<Column> CLASSES =
      List.of(Column.category("kind", List.of("setosa", "virginica", "ver\"si\ncolor"), false));
  private static final List<Column> TWO =
      List.of(Column.category("survived", List.of("no", "yes"), false));

  @TempDir private Path folder;

  private static ColumnPlan plan(Task task, List<Column> targets) {
    return ColumnPlan.of(task, INPUTS, targets, List.of());
  }

  /** Writes a network, and gives its outputs for rows to the check. */
  private void with(
      OnnxOptions options, ColumnPlan plan, LossFunction loss, int outputs, Check check)
      throws Exception {
    Path file = folder.resolve("model.onnx");
    int[] sizes = {plan.inputWidth(), 11, outputs};
    Oracle oracle = new Oracle(sizes, List.of(Activation.TANH, Activation.IDENTITY), SEED);
    try (Network net =
        Network.input(sizes[0])
            .dense(sizes[1], Activation.TANH)
            .dense(sizes[2], Activation.IDENTITY)
            .build(TestDevice.get(), SEED)) {
      net.setWeights(oracle.weights());
      options.write(net, loss, plan, file);
      try (Session session = new Session(file)) {
        check.of(net, session, oracle);
      }
    }
  }

  @FunctionalInterface
  private interface Check {
    void of(Network net, Session session, Oracle oracle) throws Exception;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000})
  void valuesComeInTheUnitsOfTheTargets(int N) throws Exception {
    ColumnPlan plan = plan(Task.REGRESSION, PRICES);
    Cells cells = new Cells(plan, N);
    with(
        Onnx.options(),
        plan,
        Loss.squared(),
        2,
        (net, session, oracle) ->
            values(net, oracle, cells, session.run(cells.inputs(false), N), N));
  }

  private static void values(
      Network net, Oracle oracle, Cells cells, Session.Outputs outputs, int N) {
    float[] rows = cells.encoded();
    float[] h = net.predict(rows, N);
    double[][] scale = oracle.run(rows, N).scale();
    double[][] wanted = new double[N][2];
    for (int n = 0; n < N; n++) {
      for (int k = 0; k < 2; k++) {
        wanted[n][k] = h[2 * n + k] * PRICES.get(k).deviation() + PRICES.get(k).mean();
      }
    }
    Compare.Bound bound =
        (n, k) ->
            BOUND * PRICES.get(k).deviation() * scale[n][k]
                + Compare.EPSILON * Math.abs(wanted[n][k]);
    Compare.matrix("value", N, wanted, outputs.floats("value"), bound);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000})
  void classesComeByName(int N) throws Exception {
    ColumnPlan plan = plan(Task.CLASSES, CLASSES);
    Cells cells = new Cells(plan, N);
    with(
        Onnx.options(),
        plan,
        Loss.softmax(),
        3,
        (net, session, oracle) -> {
          Session.Outputs outputs = session.run(cells.inputs(false), N);
          float[] p = probabilities(net, oracle, Loss.softmax(), cells, outputs, N);
          String[] labels = outputs.texts("label");
          for (int n = 0; n < N; n++) {
            int label = CLASSES.get(0).categories().indexOf(labels[n]);
            float largest = Math.max(p[3 * n], Math.max(p[3 * n + 1], p[3 * n + 2]));
            assertThat(p[3 * n + label]).as("row %d: %s", n, labels[n]).isEqualTo(largest);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000})
  void thePositiveClassIsTheSecond(int N) throws Exception {
    ColumnPlan plan = plan(Task.BINARY, TWO);
    Cells cells = new Cells(plan, N);
    for (LossFunction loss : List.of(Loss.bernoulli(), Loss.mixture())) {
      int outputs = loss.rank(3) == 1 ? 3 : 1;
      with(
          Onnx.options(),
          plan,
          loss,
          outputs,
          (net, session, oracle) -> {
            Session.Outputs results = session.run(cells.inputs(false), N);
            float[] p = probabilities(net, oracle, loss, cells, results, N);
            String[] labels = results.texts("label");
            for (int n = 0; n < N; n++) {
              assertThat(labels[n]).isEqualTo(p[n] > 0.5f ? "yes" : "no");
            }
          });
    }
  }

  /** Compares them with those of predict. */
  private static float[] probabilities(
      Network net, Oracle oracle, LossFunction loss, Cells cells, Session.Outputs outputs, int N) {
    float[] rows = cells.encoded();
    int d = net.sizes()[net.sizes().length - 1];
    Oracle.Outputs scales = oracle.run(rows, N);
    float[] predicted = Response.of(loss).of(net.predict(rows, N), N, d);
    int m = predicted.length / N;
    float[] p = outputs.floats(m == 1 ? "probability" : "probabilities");
    double[][] wanted = new double[N][m];
    for (int i = 0; i < predicted.length; i++) {
      wanted[i / m][i % m] = predicted[i];
    }
    Compare.matrix(
        "probabilities",
        N,
        wanted,
        p,
        (n, k) -> BOUND * Math.max(1, scales.scaleOfRow(n)) * wanted[n][k]);
    return p;
  }

  @Test
  void inputsHaveTheNamesAndTypesOfTheColumns() throws Exception {
    with(
        Onnx.options(),
        plan(Task.CLASSES, CLASSES),
        Loss.softmax(),
        3,
        (net, session, oracle) -> {
          assertThat(session.inputs())
              .containsExactlyInAnyOrder(
                  "year FLOAT [-1, 1]",
                  "sex STRING [-1, 1]",
                  "longitude FLOAT [-1, 1]",
                  "a b=c/é STRING [-1, 1]",
                  "seconds FLOAT [-1, 1]");
          assertThat(session.outputs())
              .containsExactlyInAnyOrder("probabilities FLOAT [-1, 3]", "label STRING [-1]");
        });
  }

  /** Seconds of 2020 are 128 apart in float32. */
  @Test
  void doublesAreReadAsTheyAre() throws Exception {
    int N = 1000;
    ColumnPlan plan = plan(Task.REGRESSION, PRICES);
    Cells cells = new Cells(plan, N, false);
    with(
        Onnx.options().doubleInputs(),
        plan,
        Loss.squared(),
        2,
        (net, session, oracle) ->
            values(net, oracle, cells, session.run(cells.inputs(true), N), N));
  }

  /** Without float64 the value has two roundings more, each relative to the larger term. */
  @Test
  void numbersAloneTakeTheEncodedRow() throws Exception {
    int N = 1000;
    ColumnPlan plan = plan(Task.REGRESSION, List.of(PRICES.get(0)));
    Cells cells = new Cells(plan, N);
    float[] rows = cells.encoded();
    with(
        Onnx.options().numbersOnly(),
        plan,
        Loss.squared(),
        1,
        (net, session, oracle) -> {
          assertThat(session.inputs())
              .containsExactly("inputs FLOAT [-1, %d]".formatted(plan.inputWidth()));
          float[] value = session.run(Map.of("inputs", rows), N).floats("value");
          float[] h = net.predict(rows, N);
          double[][] scale = oracle.run(rows, N).scale();
          Column price = PRICES.get(0);
          double[][] wanted = new double[N][1];
          for (int n = 0; n < N; n++) {
            wanted[n][0] = h[n] * price.deviation() + price.mean();
          }
          Compare.matrix(
              "value",
              N,
              wanted,
              value,
              (n, k) ->
                  BOUND * price.deviation() * scale[n][0]
                      + 4 * Compare.EPSILON * (price.mean() + Math.abs(h[n]) * price.deviation()));
        });
  }

  @Test
  void numbersAloneGiveTheClassByNumber() throws Exception {
    int N = 100;
    for (Task task : List.of(Task.BINARY, Task.CLASSES)) {
      boolean two = task == Task.BINARY;
      ColumnPlan plan = plan(task, two ? TWO : CLASSES);
      Cells cells = new Cells(plan, N);
      with(
          Onnx.options().numbersOnly(),
          plan,
          two ? Loss.bernoulli() : Loss.softmax(),
          plan.outputs(),
          (net, session, oracle) -> {
            Session.Outputs outputs = session.run(Map.of("inputs", cells.encoded()), N);
            long[] labels = outputs.numbers("label");
            float[] h = net.predict(cells.encoded(), N);
            for (int n = 0; n < N; n++) {
              assertThat(labels[n]).isEqualTo(two ? (h[n] > 0 ? 1 : 0) : largest(h, n));
            }
          });
    }
  }

  private static long largest(float[] h, int n) {
    int best = 0;
    for (int k = 1; k < 3; k++) {
      best = h[3 * n + k] > h[3 * n + best] ? k : best;
    }
    return best;
  }
}
