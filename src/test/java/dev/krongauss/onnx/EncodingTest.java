package dev.krongauss.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import dev.krongauss.table.LeftOut;
import dev.krongauss.table.Task;
import dev.krongauss.testing.Huber;
import dev.krongauss.testing.TestDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The encoded rows themselves, bit for bit: a network whose weights are the identity gives them, as
 * the outputs of a loss of one's own.
 */
final class EncodingTest {
  private static final int ROWS = 97;
  private static final List<Column> TARGET = List.of(Column.number("t", 0, 1, false));

  @TempDir private Path folder;

  /** Orders of kinds, indicators, and every size from one column to many. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void equalsThePlan(int seed) throws Exception {
    ColumnPlan plan = plan(new SplittableRandom(seed), 1 + seed);
    for (boolean doubles : new boolean[] {false, true}) {
      Cells cells = new Cells(plan, ROWS, !doubles);
      OnnxOptions options = doubles ? Onnx.options().doubleInputs() : Onnx.options();
      try (Session session = identity(plan, options)) {
        Session.Outputs outputs = session.run(cells.inputs(doubles), ROWS);
        assertThat(outputs.floats("outputs")).as("%s", plan.inputs()).isEqualTo(cells.encoded());
      }
    }
  }

  private static ColumnPlan plan(SplittableRandom random, int columns) {
    List<Column> inputs = new ArrayList<>();
    for (int i = 0; i < columns; i++) {
      boolean indicator = random.nextBoolean();
      if (random.nextBoolean()) {
        double mean = 1000 * random.nextDouble() - 500;
        inputs.add(Column.number("c" + i, mean, 0.01 + random.nextDouble(), indicator));
      } else {
        List<String> categories = new ArrayList<>();
        for (int k = random.nextInt(4); k >= 0; k--) {
          categories.add("k" + k);
        }
        inputs.add(Column.category("c" + i, categories, indicator));
      }
    }
    return ColumnPlan.of(
        Task.REGRESSION, inputs, TARGET, List.of(new LeftOut("unused", "constant")));
  }

  private Session identity(ColumnPlan plan, OnnxOptions options) throws Exception {
    int d = plan.inputWidth();
    float[] W = new float[d * (d + 1)];
    for (int i = 0; i < d; i++) {
      W[i * (d + 1) + i] = 1;
    }
    Path file = folder.resolve("identity.onnx");
    try (Network net = Network.input(d).dense(d, Activation.IDENTITY).build(TestDevice.get(), 1)) {
      net.setWeights(new float[][] {W});
      options.write(net, Loss.onHost(new Huber(1)), plan, file);
    }
    return new Session(file);
  }
}
