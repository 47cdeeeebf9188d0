package dev.krongauss.bench.train;

import dev.krongauss.bench.problem.TableOptions;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code bench/train}; {@link TrainChecks} checks them. */
final class TrainOptions {
  @Mixin TableOptions table = new TableOptions();

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      defaultValue = "kfra",
      order = 10,
      description =
          "kfra, kflr, kfac, exact, auto, adam, muon, sgd, momentum or nesterov, with options behind colons"
              + " as for bench/compare: adam:rate=2^-9:halve=200. Default: ${DEFAULT-VALUE}.")
  String optimizer = "kfra";

  @Option(
      names = "--seconds",
      paramLabel = "S",
      order = 11,
      description = "Stop after S seconds. Default: 60 where no limit is given.")
  Double seconds;

  @Option(
      names = "--updates",
      paramLabel = "N",
      order = 12,
      description = "Stop after N updates. Default: no limit.")
  Long updates;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      order = 13,
      description = "Stop after N passes over the training rows. Default: no limit.")
  Long epochs;

  @Option(
      names = "--patience",
      paramLabel = "N",
      defaultValue = "20",
      order = 14,
      description =
          "Stop after N evaluations in a row without a lower held-out objective; 0 for never."
              + " Default: ${DEFAULT-VALUE}.")
  int patience = 20;

  @Option(
      names = "--evaluate-every",
      paramLabel = "N",
      order = 15,
      description =
          "Updates between evaluations. Default: as many as make the rows evaluated one in 32 of"
              + " those trained on, and with --patience at most a pass.")
  Long evaluateEvery;

  @Option(
      names = "--batch",
      paramLabel = "N",
      order = 16,
      description = "Rows a mini-batch. Default: a tenth of the training rows, 100 to 1,000.")
  Integer batch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      order = 17,
      description =
          "Decides the rows held out, the first weights and the order of the batches. Default:"
              + " ${DEFAULT-VALUE}.")
  long seed = 1;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      order = 18,
      description = "The model file (safetensors) that bench/predict reads.")
  Path out;

  @Option(
      names = "--onnx",
      paramLabel = "FILE",
      order = 19,
      description = "Also write the model as ONNX, with the table's columns as its inputs.")
  Path onnx;

  @Option(
      names = "--save-holdout",
      paramLabel = "FILE",
      order = 20,
      description = "Also write the rows held out, as they stand in the table's file.")
  Path saveHoldout;

  @Option(names = "--force", order = 21, description = "Overwrite these files if they are there.")
  boolean force;

  @Option(
      names = "--resume",
      order = 22,
      description =
          "Go on with a run that was stopped, from its last checkpoint beside --out; the options"
              + " must be those that it was begun with, limits may differ.")
  boolean resume;

  @Option(
      names = "--checkpoint-seconds",
      paramLabel = "S",
      defaultValue = "60",
      order = 23,
      description =
          "Seconds of training between checkpoints, FILE.checkpoint beside --out; 0 for none."
              + " Default: ${DEFAULT-VALUE}.")
  double checkpointSeconds = 60;

  /** Where the state of a run lies until it has ended. */
  Path checkpoint() {
    return out.resolveSibling(out.getFileName() + ".checkpoint");
  }

  /** The time limit: given, or the default where there is no other. */
  Optional<Double> secondsInForce() {
    if (seconds == null && updates == null && epochs == null) {
      return Optional.of(60.0);
    }
    return Optional.ofNullable(seconds);
  }
}
