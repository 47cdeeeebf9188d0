package dev.krongauss.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options of {@code bench/compare}, their defaults and their checks. */
final class CompareOptions {
  private static final double DEFAULT_SECONDS = 60;

  @Option(
      names = "--data",
      paramLabel = "NAME",
      converter = LowerCaseEnum.OfProblem.class,
      defaultValue = "curves",
      order = 1,
      description =
          "Training data: curves (generated, no download), mnist or faces (from files, see"
              + " --data-dir). Default: ${DEFAULT-VALUE}.")
  Problem data = Problem.CURVES;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      order = 2,
      description =
          "Folder with train-images-idx3-ubyte(.gz) for mnist or olivetti-images-idx3-ubyte(.gz)"
              + " for faces, itself or in its sub-folder mnist/ or faces/.")
  Path dataDir;

  @Option(
      names = "--optimizers",
      paramLabel = "LIST",
      split = ",",
      converter = LowerCaseEnum.OfOptimizerKind.class,
      defaultValue = "kfra,kfac,adam",
      order = 3,
      description =
          "Comma-separated, run in this order: ${COMPLETION-CANDIDATES}. Default:"
              + " ${DEFAULT-VALUE}.")
  List<OptimizerKind> optimizers = new ArrayList<>();

  @Option(
      names = "--updates",
      paramLabel = "N",
      order = 4,
      description = "Stop each optimiser after N updates. Default: no limit.")
  Long updates;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      order = 5,
      description =
          "Stop each optimiser after S seconds of training. Default: 60, or no limit where"
              + " --updates is given; with both, whichever comes first.")
  Double seconds;

  @Option(
      names = "--batch",
      paramLabel = "N",
      order = 6,
      description = "Rows a mini-batch. Default: 500 for curves, 1000 for mnist and faces.")
  Integer batch;

  @Option(
      names = "--scale",
      paramLabel = "F",
      order = 7,
      description =
          "Multiplies the hidden widths 1000-500-250-30-250-500-1000 (rounded half up, at least 1)."
              + " Default: 0.25 for curves, 1 for mnist and faces.")
  Double scale;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      order = 8,
      description =
          "Learning rate of every first-order method. Default: 1e-3 for adam, 1e-2 for sgd, 3e-3"
              + " for momentum and nesterov. The second-order methods have none.")
  Double learningRate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      order = 9,
      description =
          "Decides the first weights and the order of the batches, the same for every optimiser."
              + " Default: ${DEFAULT-VALUE}.")
  long seed = 1;

  @Option(
      names = "--data-seed",
      paramLabel = "N",
      defaultValue = "1",
      order = 10,
      description =
          "Decides the generated images of curves and faces, apart from --seed so that several"
              + " seeds can train on the same data. Default: ${DEFAULT-VALUE}.")
  long dataSeed = 1;

  @Option(
      names = "--device",
      paramLabel = "KIND",
      converter = LowerCaseEnum.OfDeviceKind.class,
      order = 11,
      description =
          "cuda (a GPU or an error) or software (SoftCUDA, on the CPU). Default: a GPU if there is"
              + " one, else SoftCUDA.")
  DeviceKind device;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      order = 12,
      description = "Run folder. Default: bench/out/<time>-<data>-<optimisers> in the project.")
  Path out;

  @Option(
      names = "--force",
      order = 13,
      description = "Overwrite the run in --out if there is one.")
  boolean force;

  @Option(
      names = "--no-pictures",
      order = 14,
      description =
          "Leave out the pictures and the page, which need Java's graphics (module java.desktop).")
  boolean noPictures;

  /** Values of {@code --device}. */
  enum DeviceKind {
    CUDA,
    SOFTWARE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Checks the values and fills in the defaults that depend on other options.
   *
   * @throws ParameterException with the value, the cause and the way out
   */
  void complete(CommandLine command) {
    if (updates == null && seconds == null) {
      seconds = DEFAULT_SECONDS;
    }
    if (batch == null) {
      batch = data.defaultBatch();
    }
    if (scale == null) {
      scale = data.defaultScale();
    }
    require(
        command,
        updates == null || updates >= 1,
        "--updates %s: at least one update is needed; give a number from 1 on",
        updates);
    require(
        command,
        seconds == null || (seconds > 0 && seconds < Double.POSITIVE_INFINITY),
        "--seconds %s: the time must be positive; give seconds, for example --seconds 60",
        seconds);
    require(
        command,
        batch >= 1,
        "--batch %s: a mini-batch needs at least one row; try --batch %s",
        batch,
        data.defaultBatch());
    require(
        command,
        scale > 0 && scale <= 100,
        "--scale %s: the hidden widths cannot be multiplied by this; give a number above 0 and up"
            + " to 100, for example --scale %s",
        scale,
        data.defaultScale());
    require(
        command,
        learningRate == null || (learningRate > 0 && learningRate < Double.POSITIVE_INFINITY),
        "--learning-rate %s: it must be a positive number, for example --learning-rate 1e-3",
        learningRate);
    require(
        command,
        dataDir != null || !data.needsFolder(),
        "--data %s is read from files; say where they are with --data-dir DIR, or train on"
            + " generated data with --data curves",
        data);
    require(
        command,
        dataDir == null || Files.isDirectory(dataDir),
        "--data-dir %s: there is no such folder; give the one that holds the data files",
        dataDir);
    requireOptimizers(command);
  }

  /** The learning rate an optimiser runs with; NaN for one that has none. */
  double learningRate(OptimizerKind kind) {
    return kind.hasLearningRate() && learningRate != null
        ? learningRate
        : kind.defaultLearningRate();
  }

  /** Every option with the value that is in force, in the order of the help text. */
  Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("data", data.toString());
    map.put("data-dir", dataDir == null ? null : dataDir.toString());
    map.put("optimizers", optimizers.stream().map(OptimizerKind::toString).toList());
    map.put("updates", updates);
    map.put("seconds", seconds);
    map.put("batch", batch);
    map.put("scale", scale);
    map.put("learning-rate", learningRate);
    map.put("seed", seed);
    map.put("data-seed", dataSeed);
    map.put("device", device == null ? null : device.toString());
    map.put("out", out == null ? null : out.toString());
    map.put("force", force);
    map.put("no-pictures", noPictures);
    return map;
  }

  private void requireOptimizers(CommandLine command) {
    for (int i = 0; i < optimizers.size(); i++) {
      require(
          command,
          optimizers.indexOf(optimizers.get(i)) == i,
          "--optimizers names %s twice; name each optimiser once",
          optimizers.get(i));
    }
    boolean anyLearningRate = optimizers.stream().anyMatch(OptimizerKind::hasLearningRate);
    require(
        command,
        learningRate == null || anyLearningRate,
        "--learning-rate %s has no effect on %s; leave it out, or add adam, sgd, momentum or"
            + " nesterov to --optimizers",
        learningRate,
        optimizers);
  }

  private static void require(CommandLine command, boolean ok, String format, Object... values) {
    if (!ok) {
      throw new ParameterException(command, String.format(Locale.ROOT, format, values));
    }
  }
}
