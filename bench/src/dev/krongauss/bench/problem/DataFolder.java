package dev.krongauss.bench.problem;

import dev.krongauss.bench.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Where a problem's files are. */
public final class DataFolder {
  private static final String VARIABLE = "KRONGAUSS_DATA";

  private DataFolder() {}

  /**
   * The folder of a problem's files: the one given, else {@code KRONGAUSS_DATA}, else what
   * bench/fetch has filled.
   *
   * @param command to complain by
   * @param given after {@code --data-dir}; null if none was
   * @param home the project's folder
   * @param environment variables of the process
   * @return null for generated data
   * @throws ParameterException if there is none, or it is not there
   */
  public static Path find(
      CommandLine command,
      PaperProblem problem,
      Path given,
      Path home,
      Map<String, String> environment) {
    Path folder = given;
    String source = "--data-dir";
    if (folder == null && problem.needsFolder()) {
      String variable = environment.get(VARIABLE);
      Path fetched = home.resolve("bench/data");
      if (variable != null && !variable.isBlank()) {
        folder = Path.of(variable);
        source = VARIABLE;
      } else if (Files.isDirectory(fetched.resolve(problem.subFolder()))) {
        folder = fetched;
      } else {
        throw new ParameterException(
            command,
            ("--data %s is read from files; say where they are with --data-dir DIR, have them"
                    + " fetched by bench/fetch %s, or train on generated data with --data curves")
                .formatted(problem, problem.subFolder()));
      }
    }
    Commands.require(
        command,
        folder == null || Files.isDirectory(folder),
        "%s %s: there is no such folder; give the one that holds the data files",
        source,
        folder);
    return folder;
  }
}
