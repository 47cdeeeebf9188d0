package org.example.libtorch;

import static org.bytedeco.pytorch.global.torch.randn;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What Krongauss takes beside the trainer's forward and backward pass at 64 stretches of 64 tokens:
 * times in turns, in one run: medians of the wall clock, means of the processors' time, which is
 * counted in steps as long as some stages. An update is a pass, the average of the gradients, the
 * solve, the step length and the move; the factors and their inverses are a fifth of a refresh.
 * Beside it stand what an update does not do: the solve by a call a layer, and the step length by
 * two passes of its own on all threads.
 */
final class OverheadTest {
  private static final int N = 64;
  private static final int T = 64;
  private static final int ROUNDS = Integer.getInteger("rounds", 15);
  private static final int EVERY = SecondOrder.Options.DEFAULT.refreshEvery();

  /**
   * Of the pass, for all that an update has beside it, by the least times of each: 8 to 25 % were
   * seen. Medians and processors' time grow with what else the machine does, since threads wait in
   * loops.
   */
  private static final double BOUND = 0.5;

  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /** What is timed, in the order in which it is done. */
  private enum Stage {
    PASS,
    REFRESH,
    AVERAGE,
    SOLVE,
    SOLVE_LAYER_BY_LAYER,
    LENGTH,
    LENGTH_BY_TWO_PASSES,
    MOVE
  }

  private static final Set<Stage> UPDATE =
      EnumSet.of(Stage.REFRESH, Stage.AVERAGE, Stage.SOLVE, Stage.LENGTH, Stage.MOVE);

  @ParameterizedTest
  @ValueSource(ints = {64, 128, 256})
  void besideThePass(int d) {
    Model model = new Transformer(GeneratedText.vocabulary(), T, d, 4, 2, 1);
    TextBatches batches = new TextBatches(new GeneratedText(50_000, 3), N, T, 5);
    double[][] wall = new double[Stage.values().length][ROUNDS];
    double[][] cpu = new double[Stage.values().length][ROUNDS];
    try (Device device = Device.open();
        SecondOrder optimiser = new SecondOrder(device, model, SecondOrder.Options.DEFAULT);
        Views views = new Views(device)) {
      Runnable layerByLayer = layerByLayer(device, model, optimiser, views);
      for (int round = -2; round < ROUNDS; round++) {
        int kept = round;
        Scoped.run(() -> round(model, optimiser, batches.next(), layerByLayer, wall, cpu, kept));
      }
    }
    report("d " + d + ", time", wall, OverheadTest::median);
    report("d " + d + ", processors' time", cpu, OverheadTest::mean);
    double all = report("d " + d + ", least time", wall, OverheadTest::least);
    assertTrue(all < BOUND, "an update takes " + percent(all) + " of the pass and more");
  }

  /** One update, timed; rounds below 0 warm up. */
  private static void round(
      Model model,
      SecondOrder optimiser,
      Training.Batch batch,
      Runnable layerByLayer,
      double[][] wall,
      double[][] cpu,
      int round) {
    Training.Pass[] pass = new Training.Pass[1];
    StepLength alone = new StepLength(model, 1e-3, torch.get_num_threads());
    Runnable[] stages = {
      () -> pass[0] = Training.pass(model, batch),
      () -> optimiser.refresh(batch.inputs()),
      optimiser::average,
      optimiser::precondition,
      layerByLayer,
      () -> optimiser.length(batch.inputs(), pass[0].logits()),
      () -> byTwoPasses(model, alone, optimiser.directions(), batch.inputs()),
      () -> optimiser.move(1e-3)
    };
    for (int k = 0; k < stages.length; k++) {
      long start = System.nanoTime();
      long startCpu = PROCESS.getProcessCpuTime();
      stages[k].run();
      if (round >= 0) {
        cpu[k][round] = PROCESS.getProcessCpuTime() - startCpu;
        wall[k][round] = System.nanoTime() - start;
      }
    }
  }

  /** The same solve by a call a layer. */
  private static Runnable layerByLayer(
      Device device, Model model, SecondOrder optimiser, Views views) {
    List<Tensor> held = new ArrayList<>();
    List<Matrix> at = new ArrayList<>();
    for (Layer layer : model.layers()) {
      held.add(randn(layer.rows(), layer.columns()));
      at.add(views.matrix(held.get(held.size() - 1)));
    }
    return () -> {
      for (int l = 0; l < held.size(); l++) {
        Matrix gradient = optimiser.gradients().get(l);
        optimiser.preconditioner().apply(l, gradient, at.get(l), device.stream());
      }
      device.stream().synchronize();
    };
  }

  /** The step length for a trainer that has no logits to hand over. */
  private static void byTwoPasses(
      Model model, StepLength alone, List<Tensor> directions, Tensor batch) {
    Scoped.withoutGrad(
        () -> {
          Tensor part = alone.part(batch);
          alone.along(directions, part, model.forward(part, Tape.OFF));
        });
  }

  /** Prints shares of the pass and returns that of all that an update has beside it. */
  private static double report(String name, double[][] times, ToDoubleFunction<double[]> typical) {
    double[] time = Arrays.stream(times).mapToDouble(typical).toArray();
    time[Stage.REFRESH.ordinal()] /= EVERY;
    double pass = time[Stage.PASS.ordinal()];
    StringBuilder text = new StringBuilder(name + ", beside a pass of " + ms(pass) + ":");
    double all = 0;
    for (Stage stage : EnumSet.range(Stage.REFRESH, Stage.MOVE)) {
      double share = time[stage.ordinal()] / pass;
      all += UPDATE.contains(stage) ? share : 0;
      text.append(" ").append(stage.name().toLowerCase(Locale.ROOT).replace('_', ' '));
      text.append(stage == Stage.REFRESH ? "/" + EVERY + " " : " ").append(percent(share));
    }
    double share = (time[Stage.REFRESH.ordinal()] + time[Stage.SOLVE.ordinal()]) / pass;
    text.append("; preconditioning (refresh and solve) ").append(percent(share));
    System.out.println(text.append(", the whole update ").append(percent(all)));
    return all;
  }

  private static String ms(double nanoseconds) {
    return String.format(Locale.ROOT, "%.0f ms", nanoseconds / 1e6);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static double least(double[] values) {
    return Arrays.stream(values).min().orElseThrow();
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
