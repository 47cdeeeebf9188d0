package dev.krongauss.bench.train;

import dev.krongauss.bench.RunException;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.ProblemData;
import dev.krongauss.data.Batches;
import dev.krongauss.device.Device;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.model.Resumable;
import dev.krongauss.model.State;
import dev.krongauss.net.ModelFile;
import dev.krongauss.net.Network;
import dev.krongauss.onnx.Onnx;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.table.ColumnPlan;
import dev.krongauss.table.Tabular;
import dev.krongauss.table.Task;
import dev.krongauss.train.Evaluation;
import dev.krongauss.train.Held;
import dev.krongauss.train.Scores;
import dev.krongauss.train.Training;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine;

/** One training: what it holds on the device, its checkpoints, and the files that it leaves. */
final class TrainRun implements AutoCloseable {
  private final PrintStream out;
  private final PrintWriter err;
  private final TrainOptions options;
  private final Device device;
  private final ProblemData rows;
  private final Tabular table;
  private final ScoreWords words;
  private final Network network;
  private final Batches batches;
  private final Optimizer optimizer;
  private final Optional<Evaluation> evaluation;
  private final Training training;
  private double nextCheckpoint;

  /**
   * Takes the memory of all.
   *
   * @throws CommandLine.ParameterException if the optimiser does not fit the loss or the network
   */
  TrainRun(
      CommandLine command,
      TrainOptions options,
      Device device,
      ProblemData rows,
      int batch,
      PrintStream out) {
    this.out = out;
    this.err = command.getErr();
    this.options = options;
    this.device = device;
    this.rows = rows;
    this.table = rows.table().orElseThrow();
    this.words = new ScoreWords(table.plan());
    this.network = rows.network(1).build(device, options.seed);
    this.batches = Batches.of(device, rows.training(), batch, options.seed);
    this.optimizer = optimizer(command);
    this.evaluation = rows.heldOut().map(held -> Evaluation.of(network, rows.loss(), held));
    this.training = training();
    this.nextCheckpoint = options.checkpointSeconds;
  }

  private Optimizer optimizer(CommandLine command) {
    Contender contender = new TrainChecks(command, options).contender();
    try {
      return contender.build(network, rows.loss());
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          command, "--optimizer %s: %s".formatted(options.optimizer, e.getMessage()), e);
    }
  }

  private Training training() {
    Training.Builder builder = Training.of(optimizer, batches);
    options.secondsInForce().ifPresent(builder::seconds);
    Optional.ofNullable(options.updates).ifPresent(builder::updates);
    Optional.ofNullable(options.epochs).ifPresent(builder::epochs);
    evaluation.ifPresent(builder::evaluate);
    if (evaluation.isPresent()) {
      Optional.ofNullable(options.evaluateEvery).ifPresent(builder::every);
      if (options.patience > 0) {
        builder.patience(options.patience);
      }
      if (optimizer instanceof GaussNewton second && second.averagesWeights()) {
        builder.averagedToo();
      }
      builder.onEvaluation((run, held) -> show(held));
    }
    if (options.checkpointSeconds > 0) {
      builder.onUpdate((run, report) -> checkpoint());
    }
    return builder.build();
  }

  /**
   * Takes the state of the checkpoint.
   *
   * @throws IOException if it cannot be read, or does not fit; nothing has been written then
   */
  void goOn() throws IOException {
    Path file = options.checkpoint();
    Map<String, String> begun = Checkpoint.texts(file);
    Optional<String> other =
        seed().equals(begun.get("settings.seed")) ? columns(begun) : Optional.empty();
    if (other.isPresent()) {
      throw new RunException(
          "checkpoint %s does not fit: %s; give the table and options that the run was begun with"
              .formatted(file, other.get()));
    }
    Checkpoint.load(file, device.stream(), parts());
    nextCheckpoint = training.seconds() + options.checkpointSeconds;
    out.printf(Locale.ROOT, "going on behind update %,d%n", training.updates());
  }

  /** In what the columns differ; damage is the checkpoint's matter. */
  private Optional<String> columns(Map<String, String> begun) {
    String json = begun.getOrDefault("settings.columns", "");
    try {
      return PlanDifference.of(ColumnPlan.ofJson(json), table.plan());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private String seed() {
    return Long.toString(options.seed);
  }

  /**
   * Trains from the present state and writes the files.
   *
   * @throws RunException if the training diverged; no model is written then
   */
  void train() throws IOException {
    Training.Result result = training.run();
    out.printf(
        Locale.ROOT,
        "%,d updates in %.1f s, ended by %s%s%n",
        result.updates(),
        result.seconds(),
        result.ending().name().toLowerCase(Locale.ROOT),
        result.problem().isEmpty() ? "" : ": " + result.problem());
    requireFinite(result);
    result.best().ifPresent(best -> out.printf("the model is that of %s%n", text(best)));
    Optional<Scores> scores = evaluation.map(Evaluation::scores).map(words::inUnits);
    String weighted = table.weighted() ? " (weighted by class)" : "";
    scores.ifPresent(each -> out.println("held-out rows" + weighted + ": " + words.said(each)));
    ModelFile model = ModelFile.of(network, rows.loss(), about(result, scores));
    write("--out", options.out, () -> model.write(options.out));
    out.println("model: " + options.out);
    if (options.onnx != null) {
      write("--onnx", options.onnx, () -> Onnx.write(model, options.onnx));
      out.println("ONNX: " + options.onnx);
    }
    Files.deleteIfExists(options.checkpoint());
  }

  private interface Writing {
    void run() throws IOException;
  }

  private void write(String option, Path file, Writing writing) throws RunException {
    try {
      writing.run();
    } catch (IOException e) {
      throw new RunException(
          "%s %s cannot be written: %s; make room%s"
              .formatted(
                  option,
                  file,
                  e,
                  Files.exists(options.checkpoint())
                      ? ", and go on from %s with --resume".formatted(options.checkpoint())
                      : " and train again"));
    }
  }

  private Map<String, String> about(Training.Result result, Optional<Scores> scores) {
    Map<String, String> about = new LinkedHashMap<>();
    about.put(ModelFile.COLUMNS, table.plan().toJson());
    options.table.file().ifPresent(file -> about.put("data", file.getFileName().toString()));
    about.put("optimizer", options.optimizer);
    about.put("seed", Long.toString(options.seed));
    about.put("update", Long.toString(result.best().map(Held::update).orElse(result.updates())));
    scores.ifPresent(each -> about.put("scores", words.said(each)));
    if (table.task() == Task.REGRESSION) {
      scores.ifPresent(each -> about.put(ModelFile.RESIDUAL, ScoreWords.residual(each)));
    }
    return about;
  }

  private void requireFinite(Training.Result result) throws RunException {
    boolean finite =
        evaluation.isEmpty()
            || result.best().filter(b -> Double.isFinite(b.better().objective())).isPresent();
    if (result.ending() == Training.Ending.DIVERGED || !finite) {
      throw new RunException(
          "the training by %s diverged, and no model is written; give --optimizer a lower rate, or"
                  .formatted(options.optimizer)
              + " another optimiser"
              + (Files.exists(options.checkpoint())
                  ? "; its last checkpoint is " + options.checkpoint()
                  : ""));
    }
  }

  private void show(Held held) {
    out.println(text(held) + (held.best() ? ", the best so far" : ""));
  }

  private String text(Held held) {
    return String.format(
        Locale.ROOT,
        "update %d, %.1f s: %s%s",
        held.update(),
        held.seconds(),
        words.said(words.inUnits(held.better())),
        held.averagedIsBetter() ? ", averaged weights" : "");
  }

  private void checkpoint() {
    if (training.seconds() < nextCheckpoint) {
      return;
    }
    try {
      Checkpoint.save(options.checkpoint(), device.stream(), parts());
    } catch (IOException e) {
      err.printf(
          "bench/train: checkpoint %s cannot be written: %s; training goes on, and the next one is"
              + " tried; make room, or give --checkpoint-seconds 0%n",
          options.checkpoint(), e);
      err.flush();
    }
    nextCheckpoint = training.seconds() + options.checkpointSeconds;
  }

  private Map<String, Resumable> parts() {
    Map<String, Resumable> parts = new LinkedHashMap<>();
    parts.put("settings", this::settings);
    parts.put("weights", Resumable.weights(network));
    parts.put("optimizer", optimizer);
    parts.put("batches", batches);
    parts.put("training", training);
    return parts;
  }

  /** What decides the result and no other part of a checkpoint knows. */
  private void settings(State state) {
    String activations =
        network.activations().stream().map(Object::toString).collect(Collectors.joining(","));
    state.same("network", rows.network(1).toString());
    state.same("activations", activations);
    state.same("loss", rows.loss().name());
    state.same("seed", seed());
    state.same("evaluatedEvery", Long.toString(training.evaluatedEvery()));
    state.same("columns", table.plan().toJson());
  }

  @Override
  public void close() {
    training.close();
    evaluation.ifPresent(Evaluation::close);
    optimizer.close();
    batches.close();
    network.close();
  }
}
