package dev.krongauss.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import dev.krongauss.table.RowReader;
import dev.krongauss.table.Tabular;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.Huber;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file read by {@link RowReader}, and the same cells given to the model. */
final class TableTest {
  private static final int ROWS = 300;

  @TempDir private Path folder;

  /** Texts of a file's cells, by column. */
  private static Map<String, String[]> cells(SplittableRandom random) {
    Map<String, String[]> cells = new LinkedHashMap<>();
    String[] kinds = {"red", "green", "blue, dark", ""};
    cells.put("longitude", filled(n -> format("%.2f", -125 + 10 * random.nextDouble())));
    cells.put("seconds", filled(n -> format("%.0f", 1.6e9 + 1e6 * random.nextDouble())));
    cells.put("size", filled(n -> n % 7 == 3 ? "" : format("%.4f", random.nextDouble())));
    cells.put("colour", filled(n -> kinds[random.nextInt(kinds.length)]));
    cells.put("price", filled(n -> format("%.3f", 5 * random.nextDouble())));
    return cells;
  }

  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  private static String[] filled(IntFunction<String> cell) {
    String[] cells = new String[ROWS];
    Arrays.setAll(cells, cell);
    return cells;
  }

  private Path csv(String name, Map<String, String[]> cells) throws IOException {
    StringBuilder text = new StringBuilder(String.join(",", cells.keySet())).append('\n');
    for (int n = 0; n < ROWS; n++) {
      int row = n;
      text.append(String.join(",", cells.values().stream().map(c -> quoted(c[row])).toList()));
      text.append('\n');
    }
    return Files.writeString(folder.resolve(name), text);
  }

  private static String quoted(String cell) {
    return cell.contains(",") ? '"' + cell + '"' : cell;
  }

  private float[] encodedByReader(ColumnPlan plan, Path file) throws IOException {
    float[] all = new float[ROWS * plan.inputWidth()];
    int rows = 0;
    try (RowReader reader = RowReader.of(plan, file)) {
      while (reader.next()) {
        int width = plan.inputWidth();
        System.arraycopy(reader.inputs(), 0, all, rows * width, reader.rows() * width);
        rows += reader.rows();
      }
    }
    assertThat(rows).isEqualTo(ROWS);
    return all;
  }

  /** What the model makes of the cells before the first layer. */
  private float[] encodedByModel(ColumnPlan plan, Map<String, String[]> cells, boolean doubles)
      throws Exception {
    Map<String, Object> inputs = new HashMap<>();
    cells.forEach((name, texts) -> inputs.put(name, input(texts, name, doubles)));
    inputs.remove("price");
    return encodedByModel(plan, doubles, inputs);
  }

  private float[] encodedByModel(ColumnPlan plan, boolean doubles, Map<String, Object> inputs)
      throws Exception {
    int d = plan.inputWidth();
    float[] W = new float[d * (d + 1)];
    for (int i = 0; i < d; i++) {
      W[i * (d + 1) + i] = 1;
    }
    Path file = folder.resolve("identity.onnx");
    OnnxOptions options = doubles ? Onnx.options().doubleInputs() : Onnx.options();
    try (Network net = Network.input(d).dense(d, Activation.IDENTITY).build(TestDevice.get(), 1)) {
      net.setWeights(new float[][] {W});
      options.write(net, Loss.onHost(new Huber(1)), plan, file);
    }
    try (Session session = new Session(file)) {
      return session.run(inputs, ROWS).floats("outputs");
    }
  }

  private static Object input(String[] texts, String name, boolean doubles) {
    if (name.equals("colour")) {
      return texts;
    }
    double[] numbers = new double[ROWS];
    float[] floats = new float[ROWS];
    for (int n = 0; n < ROWS; n++) {
      numbers[n] = texts[n].isEmpty() ? Double.NaN : Double.parseDouble(texts[n]);
      floats[n] = (float) numbers[n];
    }
    return doubles ? numbers : floats;
  }

  /** Seconds need float64; it is the reader's own arithmetic, so that no bit differs. */
  @Test
  void doublesAreEncodedAsTheReaderDoes() throws Exception {
    ColumnPlan plan =
        Tabular.csv(csv("first.csv", cells(new SplittableRandom(1)))).target("price").read().plan();
    Map<String, String[]> later = cells(new SplittableRandom(2));
    later.get("colour")[5] = "yellow";
    assertThat(encodedByModel(plan, later, true))
        .isEqualTo(encodedByReader(plan, csv("later.csv", later)));
  }

  /** A number is rounded to float32 before it is given: by 2⁻²⁴ of itself, in deviations. */
  @Test
  void floatsDifferByTheirOwnRounding() throws Exception {
    ColumnPlan plan =
        Tabular.csv(csv("first.csv", cells(new SplittableRandom(1)))).target("price").read().plan();
    Map<String, String[]> later = cells(new SplittableRandom(2));
    float[] reader = encodedByReader(plan, csv("later.csv", later));
    double[][] wanted = new double[ROWS][plan.inputWidth()];
    for (int i = 0; i < reader.length; i++) {
      wanted[i / plan.inputWidth()][i % plan.inputWidth()] = reader[i];
    }
    double[] lost = new double[plan.inputWidth()];
    int place = 0;
    for (Column column : plan.inputs()) {
      lost[place] =
          Compare.EPSILON * (Math.abs(column.mean()) / column.deviation() + 10); // |x| with room
      place += column.width();
    }
    float[] model = encodedByModel(plan, later, false);
    Compare.matrix(
        "encoded",
        2,
        wanted,
        model,
        (n, k) -> lost[k] + 2 * Compare.EPSILON * Math.abs(wanted[n][k]));
  }

  /** One matrix of all columns but the target; the second is constant and left out. */
  @Test
  void aFileWithoutNamesIsOneMatrix() throws Exception {
    SplittableRandom random = new SplittableRandom(4);
    double[] matrix = new double[ROWS * 4];
    StringBuilder text = new StringBuilder();
    for (int n = 0; n < ROWS; n++) {
      String[] cells = {
        format("%.3f", 3 + random.nextDouble()),
        "7",
        n % 5 == 0 ? "" : format("%.3f", 1e5 * random.nextDouble()),
        format("%.4f", -random.nextDouble())
      };
      for (int i = 0; i < 4; i++) {
        matrix[n * 4 + i] = cells[i].isEmpty() ? Double.NaN : Double.parseDouble(cells[i]);
      }
      text.append(String.join(",", cells)).append(format(",%.3f%n", random.nextDouble()));
    }
    Path file = Files.writeString(folder.resolve("numbers.csv"), text);
    ColumnPlan plan = Tabular.csv(file).noHeader().read().plan();
    assertThat(plan.inputs()).hasSize(3);
    assertThat(encodedByModel(plan, true, Map.of(Naming.INPUTS, matrix)))
        .isEqualTo(encodedByReader(plan, file));
  }
}
