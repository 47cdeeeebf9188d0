package dev.krongauss.bench.update;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.train.Evaluation;
import dev.krongauss.train.Training;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What evaluations on held-out rows cost a training at the default interval. */
@Command(
    name = "EvaluationCost",
    mixinStandardHelpOptions = true,
    description =
        "Trains 784-500-250-10 on random rows with the softmax, and measures an update, an"
            + " evaluation of 10,000 held-out rows, and what share of training the evaluations are"
            + " at the default interval of Training.")
public final class EvaluationCost implements Callable<Integer> {
  private static final int INPUTS = 784;
  private static final int CLASSES = 10;
  private static final int HELD = 10_000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--optimizers",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "kfra,adam",
      description = "Named as for bench/compare. Default: ${DEFAULT-VALUE}.")
  private List<String> optimizers;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "500",
      description = "Rows of a batch. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--updates",
      paramLabel = "N",
      defaultValue = "60",
      description = "Measured updates. Default: ${DEFAULT-VALUE}.")
  private int updates;

  @Option(
      names = "--evaluations",
      paramLabel = "N",
      defaultValue = "6",
      description = "Measured evaluations, spread over the updates. Default: ${DEFAULT-VALUE}.")
  private int evaluations;

  private EvaluationCost() {}

  /** See {@code --help}. */
  public static void main(String[] arguments) {
    System.exit(Commands.configure(new CommandLine(new EvaluationCost())).execute(arguments));
  }

  @Override
  public Integer call() {
    Commands.require(
        spec.commandLine(),
        batch >= 1 && batch <= HELD && evaluations >= 1 && updates >= evaluations,
        "--batch %,d, --updates %,d, --evaluations %,d: give a batch of 1 to %,d, at least one"
            + " evaluation, and at least as many updates",
        batch,
        updates,
        evaluations,
        HELD);
    System.out.println("| optimiser | update, ms | evaluation, ms | every | share |");
    System.out.println("|---|---|---|---|---|");
    for (String name : optimizers) {
      measure(name);
    }
    return CommandLine.ExitCode.OK;
  }

  private void measure(String name) {
    LossFunction loss = Loss.softmax();
    try (Device device = Device.open();
        Network network =
            Network.input(INPUTS)
                .dense(500, Activation.TANH)
                .dense(250, Activation.TANH)
                .dense(CLASSES, Activation.IDENTITY)
                .build(device, 1);
        Batches batches = Batches.of(device, rows(1), batch, 1);
        Optimizer optimizer = Contender.parse(spec.commandLine(), name).build(network, loss);
        Evaluation evaluation = Evaluation.of(network, loss, rows(2));
        Training training =
            Training.of(optimizer, batches).evaluate(evaluation).updates(updates).build()) {
      for (int k = 0; k < 12; k++) { // all kinds of updates are captured
        optimizer.step(batches.next());
      }
      evaluation.scores();
      double stepping = 0;
      double evaluating = 0;
      for (int k = 0; k < evaluations; k++) {
        int count = updates / evaluations;
        stepping += seconds(() -> steps(optimizer, batches, count, device)) / count;
        evaluating += seconds(evaluation::scores);
      }
      double update = stepping / evaluations;
      double scores = evaluating / evaluations;
      long every = training.evaluatedEvery();
      System.out.printf(
          "| %s | %.2f | %.1f | %d | %.2f %% |%n",
          name, 1e3 * update, 1e3 * scores, every, 100 * scores / (every * update));
    }
  }

  private static void steps(Optimizer optimizer, Batches batches, int count, Device device) {
    for (int k = 0; k < count; k++) {
      optimizer.step(batches.next());
    }
    device.synchronize();
  }

  private static double seconds(Runnable work) {
    long begin = System.nanoTime();
    work.run();
    return 1e-9 * (System.nanoTime() - begin);
  }

  private static Dataset rows(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] inputs = new float[HELD * INPUTS];
    float[] targets = new float[HELD * CLASSES];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = (float) random.nextDouble();
    }
    for (int n = 0; n < HELD; n++) {
      targets[n * CLASSES + random.nextInt(CLASSES)] = 1;
    }
    return Dataset.supervised("random rows", inputs, INPUTS, targets, CLASSES);
  }
}
