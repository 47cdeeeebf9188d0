package dev.krongauss.views;

import dev.krongauss.curvature.ChunkedFactors;
import dev.krongauss.curvature.Factors;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Trial;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Loss;
import dev.krongauss.views.LossViews.GivenBatch;
import java.util.List;

/** Factors of batches that are cut into chunks, in both modes. */
final class ChunkedViews {
  private ChunkedViews() {}

  static void add(Table table) {
    table.writesNothing("curvature.ChunkedFactors.Statistic.new/4", "it says what is summed");
    String handover = "whoever has ranks implements it";
    table.writesNothing("curvature.RecursionHandover.receive/2", handover);
    table.writesNothing("curvature.RecursionHandover.give/2", handover);
    table.writesNothing("curvature.ChunkedFactors.new/5", "it is what new with two does");
    for (String operation : List.of("new/2", "Settings.new/7", "statistics/7")) {
      CurvatureViews.both(
          table,
          "curvature.ChunkedFactors." + operation,
          Table.SUMS,
          (t, mode, arena, s) -> {
            for (Method method : Method.values()) {
              chunked(t, mode, method, arena, s);
            }
          });
    }
  }

  private static void chunked(Trial t, Operations.Mode mode, Method method, Arena arena, Stream s) {
    Operations operations = new Operations(t.device(), mode);
    Factors factors = CurvatureViews.averages(t, mode, arena);
    LossFunction loss = Loss.softmax();
    long step = t.ints(2).pointer();
    try (ViewModel model =
            new ViewModel(
                t,
                operations,
                CurvatureViews.N,
                CurvatureViews.I,
                CurvatureViews.U,
                CurvatureViews.O);
        ChunkedFactors chunked =
            new ChunkedFactors(
                new ChunkedFactors.Settings(
                    operations, method, loss, model.parameters(), 1 << 20, 3, false),
                factors)) {
      GivenBatch batch = CurvatureViews.batch(t, loss);
      Matrix h = model.forward(batch, s);
      chunked.prepare(CurvatureViews.N + 1);
      chunked.statistics(model.traces(), 2, h, batch.targets(), step, chunked.sums(), s);
      chunked.enter(factors, s);
      CurvatureViews.show(t, factors, s);
    }
  }
}
