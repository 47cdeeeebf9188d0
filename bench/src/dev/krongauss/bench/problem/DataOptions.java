package dev.krongauss.bench.problem;

import dev.krongauss.bench.Commands;
import dev.krongauss.data.Dataset;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What smaller commands train on; bench/compare has its own, with more to say. */
public final class DataOptions {
  @Option(
      names = "--data",
      paramLabel = "NAME",
      converter = PaperProblem.Converter.class,
      defaultValue = "curves",
      description = "curves (generated), mnist, faces or oddeven. Default: ${DEFAULT-VALUE}.")
  private PaperProblem problem = PaperProblem.CURVES;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Folder of the files; where it is looked for without, as for bench/compare.")
  private Path folder;

  /** What {@code --data} names. */
  public PaperProblem problem() {
    return problem;
  }

  /**
   * Checks what is trained on the data.
   *
   * @param command to complain by
   * @param scale multiplies the hidden widths
   * @param batch rows of a mini-batch
   * @throws CommandLine.ParameterException with the value, the cause and the way out
   */
  public static void check(CommandLine command, Dataset rows, double scale, int batch) {
    Commands.require(
        command,
        scale > 0 && scale <= NetworkShape.MOST_SCALE,
        "--scale %s: the hidden widths cannot be multiplied by this; give a number above 0 and up to"
            + " %.0f, for example --scale 1",
        scale,
        NetworkShape.MOST_SCALE);
    Commands.require(
        command,
        batch >= 1 && batch <= rows.size(),
        "--batch %s: it does not fit %,d rows; give 1 to %,d",
        batch,
        rows.size(),
        rows.size());
  }

  /**
   * The training set of seed 1.
   *
   * @param command to complain by
   * @throws CommandLine.ParameterException if its folder is not named or not there
   * @throws dev.krongauss.data.DataException if a file is missing, cut short or another
   * @throws IOException if a file cannot be read
   */
  public Dataset load(CommandLine command) throws IOException {
    Path found = DataFolder.find(command, problem, folder, Commands.home(), System.getenv());
    return problem.training(found, 1);
  }
}
