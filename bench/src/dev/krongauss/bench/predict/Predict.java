package dev.krongauss.bench.predict;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.PlainFile;
import dev.krongauss.device.Device;
import dev.krongauss.net.ModelFile;
import dev.krongauss.net.Network;
import dev.krongauss.table.RowReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Predictions for the rows of a file. */
@Command(
    name = "bench/predict",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Writes predictions for the rows of a table to standard output, as CSV, from a model file of"
          + " bench/train. Where the table has the target columns too, scores go to standard error.",
      "",
      "Columns: prediction; of classes also the probability of each; of a regression also low and"
          + " high, a 95 %% interval from the residuals of the rows held out in training.",
      ""
    },
    footer = {
      "",
      "Example:",
      "  bench/predict houses.safetensors new.csv > predictions.csv",
      "",
      "Exit codes: 0 done, 1 data, device or disk failed, 2 wrong options."
    })
public final class Predict implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "MODEL", description = "A model file of bench/train.")
  private Path model;

  @Parameters(
      index = "1",
      paramLabel = "FILE",
      description =
          "A table with the model's input columns, in any order: CSV or TSV, libsvm, .npy"
              + " or IDX, of the kind that the model was trained from; plain or .gz.")
  private Path file;

  private final PrintStream out;
  private final PrintStream err;

  private Predict(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /**
   * The command.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(commandLine(System.out, System.err).execute(arguments));
  }

  /** The command, with streams of the caller's. */
  public static CommandLine commandLine(PrintStream out, PrintStream err) {
    return Commands.configure(new CommandLine(new Predict(out, err)));
  }

  @Override
  public Integer call() throws IOException {
    PlainFile.problem(file)
        .ifPresent(
            problem -> {
              throw new ParameterException(spec.commandLine(), file + ": " + problem);
            });
    TableModel table = TableModel.of(model, ModelFile.read(model));
    try (Device device = Device.open();
        Network network = table.file().network(device);
        RowReader rows = RowReader.of(table.plan(), file)) {
      PredictionTable predictions = new PredictionTable(table, out);
      Optional<TableScores> scores =
          rows.hasTargets() ? Optional.of(TableScores.of(table)) : Optional.empty();
      long count = 0;
      while (rows.next()) {
        float[] outputs = network.predict(rows.inputs(), rows.rows());
        scores.ifPresent(each -> each.add(outputs, rows.targets(), rows.rows()));
        predictions.write(outputs, rows.rows());
        count += rows.rows();
      }
      predictions.flush();
      rows.notes().forEach(note -> err.println("bench/predict: " + note));
      predictions.note().ifPresent(note -> err.println("bench/predict: " + note));
      err.printf(Locale.ROOT, "%,d prediction%s%n", count, count == 1 ? "" : "s");
      scores.ifPresent(err::println);
    }
    if (out.checkError()) {
      throw new IOException("standard output took no more; is the disk full?");
    }
    return CommandLine.ExitCode.OK;
  }
}
