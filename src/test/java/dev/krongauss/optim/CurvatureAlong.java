package dev.krongauss.optim;

import dev.krongauss.curvature.FactorEngine;
import dev.krongauss.curvature.Method;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Curves;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.precondition.LayerOwners;
import dev.krongauss.precondition.Preconditioner;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * An experiment, not a test: how far KFRA's factors of a batch underestimate that batch's exact
 * curvature along several directions, at a network after 30 updates on CURVES. {@code bench/run
 * dev.krongauss.optim.CurvatureAlong N} for batches of N; {@code bench/results/defaults.md} has
 * what came out.
 */
public final class CurvatureAlong {
  private static final int[] WIDTHS = {250, 125, 63, 8, 63, 125, 250};
  private static final int UPDATES = 30;

  private final Device device;
  private final Scalars scalars;
  private final Objective objective;
  private final Diagnostics diagnostics;
  private final Preconditioner preconditioner;
  private final List<Matrix> direction;

  private CurvatureAlong(
      Network network, LossFunction loss, Arena arena, GaussNewtonOptions options) {
    device = network.device();
    scalars =
        new Scalars(
            device, arena, options.scalars(), WIDTHS.length + 1, false, options.mostRejected);
    objective = new Objective(network, loss.on(device), arena, scalars, options);
    diagnostics = new Diagnostics(network, options.operations(device), arena, scalars);
    preconditioner =
        options.preconditioner(
            network,
            scalars,
            options.diagonalTop(loss, Method.KFRA),
            LayerOwners.one(network.parameters().size()));
    direction = FirstOrder.like(network.parameters(), arena, "direction");
  }

  /**
   * Runs it.
   *
   * @param arguments N
   */
  public static void main(String[] arguments) {
    int N = Integer.parseInt(arguments[0]);
    Network.Builder builder = Network.input(Curves.WIDTH);
    for (int width : WIDTHS) {
      builder.dense(width, Activation.TANH);
    }
    LossFunction loss = Loss.bernoulli();
    try (Device device = Device.open();
        Network network = builder.dense(Curves.WIDTH, Activation.IDENTITY).build(device, 1);
        Batches batches = Batches.of(device, Curves.train(1), N, 1);
        GaussNewton optimizer = GaussNewton.kfra().scalarStep().build(network, loss);
        Arena arena = device.newArena("experiment")) {
      for (int k = 0; k < UPDATES; k++) {
        optimizer.step(batches.next()).loss();
      }
      GaussNewtonOptions options = new GaussNewtonOptions();
      options.scalarStep = true;
      options.diagnostics = true;
      options.decay = 0;
      options.l2 = 0;
      new CurvatureAlong(network, loss, arena, options.checked())
          .run(network, loss, batches, arena, options);
    }
  }

  private void run(
      Network network,
      LossFunction loss,
      Batches batches,
      Arena arena,
      GaussNewtonOptions options) {
    Operations operations = options.operations(device);
    List<Matrix> own = FirstOrder.like(network.parameters(), arena, "gradient");
    List<Matrix> others = FirstOrder.like(network.parameters(), arena, "gradient of another batch");
    List<Matrix> noise = FirstOrder.like(network.parameters(), arena, "noise");
    int outputs = network.parameters().get(WIDTHS.length).rows();
    try (FactorEngine engine =
        new FactorEngine(device, operations, Method.KFRA, loss, options.budgetBytes, 1, false)) {
      Batch first = batches.next();
      objective.use(first);
      objective.prepare(first.size(), outputs);
      objective.forward();
      objective.backward(others);
      objective.use(batches.next());
      objective.forward();
      objective.backward(own);
      engine.enter(
          network.traces(),
          objective.output(),
          objective.targets(),
          scalars.at(Control.STEP),
          preconditioner.factors(),
          device.stream());
      preconditioner.refresh(device.stream());
      SplittableRandom random = new SplittableRandom(1);
      for (Matrix matrix : noise) {
        float[] values = new float[matrix.rows() * matrix.columns()];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (random.nextDouble() - 0.5);
        }
        matrix.upload(values, device.stream());
      }
      show("preconditioned gradient of the batch", own, true);
      show("preconditioned gradient of another batch", others, true);
      show("gradient of the batch", own, false);
      show("preconditioned noise", noise, true);
      show("noise", noise, false);
    }
    preconditioner.close();
    objective.close();
    scalars.close();
  }

  private void show(String what, List<Matrix> gradient, boolean preconditioned) {
    if (preconditioned) {
      preconditioner.apply(gradient, direction, device.stream());
    } else {
      for (int l = 0; l < gradient.size(); l++) {
        device.stream().copy(gradient.get(l), direction.get(l));
      }
    }
    objective.quadratic(direction, gradient, scalars.at(Control.SLOPE));
    diagnostics.measure(objective, direction, preconditioner.factors());
    scalars.finished(false);
    StepReport report = scalars.lastReport();
    double damped = -Float.intBitsToFloat(report.peek(Control.SLOPE));
    System.out.printf(
        Locale.ROOT,
        "| %s | %.2f | %.2f | %s |%n",
        what,
        report.exactCurvature() / report.blockCurvature(),
        report.blockCurvature() / report.modelledCurvature(),
        preconditioned ? "%.2f".formatted(damped / report.modelledCurvature()) : "");
  }
}
