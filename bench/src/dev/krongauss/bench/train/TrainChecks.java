package dev.krongauss.bench.train;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What is checked before a row is read, so that no training ends in a file that cannot be made. */
final class TrainChecks {
  private final CommandLine command;
  private final TrainOptions options;

  TrainChecks(CommandLine command, TrainOptions options) {
    this.command = command;
    this.options = options;
  }

  /**
   * Checks all options, and the table as far as it can be without reading it.
   *
   * @throws ParameterException with the value, the cause and the way out
   */
  Problem problem() {
    contender();
    numbers();
    outputs();
    Problem problem =
        options
            .table
            .problem(command)
            .orElseThrow(
                () ->
                    new ParameterException(
                        command,
                        "--data is missing: give the file of a table, for example --data"
                            + " houses.csv --target price"));
    require(
        problem.isTable(),
        "--data %s: bench/train takes a table of your own; bench/compare trains on data by"
            + " name",
        problem);
    return problem;
  }

  /** What {@code --optimizer} names. */
  Contender contender() {
    try {
      return Contender.parse(options.optimizer);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command, "--optimizer: " + e.getMessage(), e);
    }
  }

  private void numbers() {
    require(
        options.seconds == null || options.seconds > 0 && Double.isFinite(options.seconds),
        "--seconds %s: it is no time; give a number above 0",
        options.seconds);
    atLeast("--updates", options.updates, 1);
    atLeast("--epochs", options.epochs, 1);
    atLeast("--evaluate-every", options.evaluateEvery, 1);
    atLeast("--patience", (long) options.patience, 0);
    require(
        options.checkpointSeconds >= 0,
        "--checkpoint-seconds %s: give 0 for none, or more",
        options.checkpointSeconds);
    require(
        options.batch == null || options.batch >= 1, "--batch %s: give at least 1", options.batch);
  }

  private void atLeast(String option, Long value, long least) {
    require(value == null || value >= least, "%s %s: it must be at least %d", option, value, least);
  }

  private void outputs() {
    Map<String, Path> files = new LinkedHashMap<>();
    files.put("--out", options.out);
    put(files, "--onnx", options.onnx);
    put(files, "--save-holdout", options.saveHoldout);
    files.forEach(this::output);
    text();
    require(
        files.values().stream().map(file -> file.toAbsolutePath().normalize()).distinct().count()
            == files.size(),
        "%s: one file cannot hold two things; give each its own",
        files);
    Map<String, Path> written = new LinkedHashMap<>(files);
    written.put("the checkpoint of --out", options.checkpoint());
    written.forEach(this::noInput);
    Path checkpoint = options.checkpoint();
    require(
        !options.resume || Files.exists(checkpoint),
        "--resume: there is no %s, so that no run is to be gone on with; leave --resume out",
        checkpoint);
    require(
        options.resume || options.force || !Files.exists(checkpoint),
        "--out %s: a run that was stopped has left %s; go on with it by --resume, or give --force to"
            + " begin anew",
        options.out,
        checkpoint);
  }

  private void output(String option, Path file) {
    require(
        options.force || options.resume || !Files.exists(file),
        "%s %s: it is there and would be overwritten; give another name, or --force",
        option,
        file);
    require(!Files.isDirectory(file), "%s %s: it is a folder; give a file", option, file);
    Path folder = file.toAbsolutePath().getParent();
    require(
        Files.isDirectory(folder),
        "%s %s: there is no folder %s; make it first",
        option,
        file,
        folder);
    require(
        canWrite(folder),
        "%s %s: no file can be made in %s; give another folder",
        option,
        file,
        folder);
  }

  /** Overwriting the table that is read is never meant, whatever it is called here. */
  private void noInput(String option, Path file) {
    for (Path input : options.table.files()) {
      require(
          !isSame(file, input),
          "%s %s: the rows are read from this file, and it would be overwritten; give another name",
          option,
          file);
    }
  }

  private static boolean isSame(Path file, Path input) {
    try {
      return Files.exists(file) && Files.exists(input) && Files.isSameFile(file, input);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Tries it: permissions alone do not tell. */
  private static boolean canWrite(Path folder) {
    try {
      Files.delete(Files.createTempFile(folder, ".krongauss", ".part"));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** It is written as text, whatever its name says. */
  private void text() {
    require(
        options.saveHoldout == null || !options.saveHoldout.toString().endsWith(".gz"),
        "--save-holdout %s: it is written as plain text; give a name without .gz",
        options.saveHoldout);
  }

  private static void put(Map<String, Path> files, String option, Path file) {
    if (file != null) {
      files.put(option, file);
    }
  }

  private void require(boolean ok, String format, Object... values) {
    Commands.require(command, ok, format, values);
  }
}
