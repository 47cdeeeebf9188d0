package dev.krongauss.onnx;

import dev.krongauss.device.Check;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.LossNames;
import dev.krongauss.net.ModelFile;
import dev.krongauss.net.Network;
import dev.krongauss.net.Response;
import dev.krongauss.table.ColumnPlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A network as it is to be written, checked.
 *
 * @param sizes d_0 … d_L
 * @param weights W_1 … W_L, {@code [d_l][d_{l-1} + 1]} each
 * @param lossName as a model file has it, {@code own:NAME} for one of a user's own
 * @param about texts of the one who saved it
 */
record Subject(
    int[] sizes,
    List<Activation> activations,
    float[][] weights,
    String lossName,
    LossKind loss,
    Optional<ColumnPlan> columns,
    Map<String, String> about) {
  private static final long MOST_BYTES = Integer.MAX_VALUE;
  private static final long REST = 16L << 20; // names, columns and nodes
  private static final double GIB = 1L << 30;

  static Subject of(Network net, LossFunction loss, Optional<ColumnPlan> columns) {
    checkSize(net.sizes());
    String lossName = LossNames.of(loss);
    LossKind kind = LossKind.of(lossName, Response.of(loss));
    columns.ifPresent(plan -> checkColumns(plan, net.sizes(), kind, lossName));
    return new Subject(
        net.sizes(), net.activations(), net.weights(), lossName, kind, columns, Map.of());
  }

  static Subject of(ModelFile file) {
    checkSize(file.sizes());
    LossKind kind = LossKind.of(file.lossName(), Response.named(file.lossName()));
    Optional<ColumnPlan> columns =
        Optional.ofNullable(file.about().get(ModelFile.COLUMNS)).map(ColumnPlan::ofJson);
    columns.ifPresent(plan -> checkColumns(plan, file.sizes(), kind, file.lossName()));
    return new Subject(
        file.sizes(),
        file.activations(),
        file.weights(),
        file.lossName(),
        kind,
        columns,
        file.about());
  }

  int inputs() {
    return sizes[0];
  }

  int outputs() {
    return sizes[sizes.length - 1];
  }

  /** 784-100-10. */
  String architecture() {
    StringBuilder text = new StringBuilder();
    for (int size : sizes) {
      text.append(text.isEmpty() ? "" : "-").append(size);
    }
    return text.toString();
  }

  /**
   * Refuses what one protobuf message cannot hold, before anything is copied.
   *
   * @param sizes d_0 … d_L
   */
  static void checkSize(int[] sizes) {
    long weights = 0;
    for (int l = 1; l < sizes.length; l++) {
      weights += (long) sizes[l] * (sizes[l - 1] + 1);
    }
    Check.that(
        weights * Float.BYTES + REST <= MOST_BYTES,
        "the network has %,d weights, %.2f GiB, and an ONNX file holds less than 2 GiB; save it with"
            + " net.save(file, loss) and serve it with Network.load, or train a narrower one",
        weights,
        weights * Float.BYTES / GIB);
  }

  private static void checkColumns(ColumnPlan plan, int[] sizes, LossKind loss, String lossName) {
    int outputs = sizes[sizes.length - 1];
    Check.that(
        plan.inputWidth() == sizes[0],
        "the columns make rows of %,d values and the network takes %,d; give the columns that it was trained with",
        plan.inputWidth(),
        sizes[0]);
    Check.that(
        loss == LossKind.OWN || loss.fits(plan.task()),
        "the columns are those of a task '%s' and the loss is %s; a network for it has loss %s",
        plan.task(),
        lossName,
        plan.lossName());
    Check.that(
        loss == LossKind.OWN || loss == LossKind.MIXTURE || plan.outputs() == outputs,
        "the columns have %,d outputs and the network %,d; give the columns that it was trained with",
        plan.outputs(),
        outputs);
  }
}
