package dev.krongauss.bench;

import dev.krongauss.data.Dataset;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What smaller commands train on; bench/compare has its own, with more to say. */
final class DataOptions {
  @Option(
      names = "--data",
      paramLabel = "NAME",
      converter = LowerCaseEnum.OfProblem.class,
      defaultValue = "curves",
      description = "curves (generated), mnist, faces or oddeven. Default: ${DEFAULT-VALUE}.")
  Problem problem = Problem.CURVES;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Folder of the files; where it is looked for without, as for bench/compare.")
  private Path folder;

  /**
   * The training set of seed 1.
   *
   * @param command to complain by
   * @throws CommandLine.ParameterException if its folder is not named or not there
   */
  Dataset load(CommandLine command) throws IOException {
    Path home = Path.of(System.getProperty(Compare.HOME_PROPERTY, "")).toAbsolutePath();
    return problem.load(Commands.dataFolder(command, problem, folder, home, System.getenv()), 1);
  }
}
