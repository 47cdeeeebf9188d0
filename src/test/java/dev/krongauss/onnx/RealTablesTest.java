package dev.krongauss.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.data.RealData;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.net.Response;
import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import dev.krongauss.table.RowReader;
import dev.krongauss.table.Tabular;
import dev.krongauss.table.Task;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Real tables: every row, its cells given to the model as they stand in the file, against {@code
 * predict} of the rows that the reader makes. Bounds as in {@link ColumnsTest}.
 */
final class RealTablesTest {
  private static final double BOUND = 1e-5;
  private static final long SEED = 8;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "abalone.csv, rings, regression",
    "california_housing.csv, median_house_value, regression",
    "pendigits_train.csv, digit, classes"
  })
  void equalsPredict(String name, String target, String task) throws Exception {
    Path file = RealData.folderWith("tabular/" + name).resolve("tabular/" + name);
    ColumnPlan plan = Tabular.csv(file).target(target).task(Task.of(task)).read().plan();
    int[] sizes = {plan.inputWidth(), 20, plan.outputs()};
    Oracle oracle = new Oracle(sizes, List.of(Activation.TANH, Activation.IDENTITY), SEED);
    LossFunction loss = plan.task() == Task.REGRESSION ? Loss.squared() : Loss.softmax();
    float[] rows = encoded(plan, file);
    int N = rows.length / sizes[0];
    Path model = folder.resolve("model.onnx");
    float[] wanted;
    try (Network net =
        Network.input(sizes[0])
            .dense(sizes[1], Activation.TANH)
            .dense(sizes[2], Activation.IDENTITY)
            .build(TestDevice.get(), SEED)) {
      net.setWeights(oracle.weights());
      Onnx.options().doubleInputs().write(net, loss, plan, model);
      wanted = Response.of(loss).of(net.predict(rows, N), N, sizes[2]);
    }
    try (Session session = new Session(model)) {
      Session.Outputs outputs = session.run(cells(plan, file, N), N);
      compare(plan, wanted, outputs, oracle.run(rows, N));
    }
  }

  private static void compare(
      ColumnPlan plan, float[] predicted, Session.Outputs outputs, Oracle.Outputs oracle) {
    int m = plan.outputs();
    int N = predicted.length / m;
    boolean regression = plan.task() == Task.REGRESSION;
    double[][] wanted = new double[N][m];
    double[][] bound = new double[N][m];
    for (int n = 0; n < N; n++) {
      for (int k = 0; k < m; k++) {
        float p = predicted[n * m + k];
        Column target = plan.targets().get(0);
        wanted[n][k] = regression ? p * target.deviation() + target.mean() : p;
        bound[n][k] =
            regression
                ? BOUND * target.deviation() * oracle.scale()[n][k]
                    + Compare.EPSILON * Math.abs(wanted[n][k])
                : BOUND * Math.max(1, oracle.scaleOfRow(n)) * p;
      }
    }
    float[] got = outputs.floats(regression ? "value" : "probabilities");
    Compare.matrix("every row", SEED, wanted, got, (n, k) -> bound[n][k]);
  }

  private static float[] encoded(ColumnPlan plan, Path file) throws IOException {
    float[] all = new float[0];
    try (RowReader reader = RowReader.of(plan, file)) {
      while (reader.next()) {
        int length = reader.rows() * plan.inputWidth();
        all = Arrays.copyOf(all, all.length + length);
        System.arraycopy(reader.inputs(), 0, all, all.length - length, length);
      }
    }
    return all;
  }

  /** These files have neither quotes nor missing cells. */
  private static Map<String, Object> cells(ColumnPlan plan, Path file, int N) throws IOException {
    List<String> lines = Files.readAllLines(file);
    List<String> header = List.of(lines.get(0).split(","));
    assertThat(lines).hasSize(N + 1);
    Map<String, Object> cells = new HashMap<>();
    for (Column column : plan.inputs()) {
      int i = header.indexOf(column.name());
      List<String> texts = lines.stream().skip(1).map(line -> line.split(",")[i]).toList();
      cells.put(
          column.name(),
          column.kind() == Column.Kind.NUMBER
              ? texts.stream().mapToDouble(Double::parseDouble).toArray()
              : texts.toArray(String[]::new));
    }
    return cells;
  }
}
