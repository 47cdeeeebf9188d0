package dev.krongauss.bench;

import dev.krongauss.bench.peers.PeerException;
import dev.krongauss.data.DataException;
import dev.krongauss.device.DeviceException;
import dev.krongauss.io.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What the commands share: how they say what went wrong, and where they look for data. */
public final class Commands {
  private static final String VARIABLE = "KRONGAUSS_DATA";

  private Commands() {}

  /** Has a command say what a user can meet in one message; anything else shows its trace. */
  public static CommandLine configure(CommandLine line) {
    return line.setParameterExceptionHandler(Commands::wrongOption)
        .setExecutionExceptionHandler(Commands::failed);
  }

  /**
   * The folder of a problem's files: the one given, else {@code KRONGAUSS_DATA}, else what
   * bench/fetch has filled.
   *
   * @param given null if none was
   * @param home the project's folder
   * @param environment variables of the process
   * @return null for generated data
   * @throws ParameterException if there is none, or it is not there
   */
  static Path dataFolder(
      CommandLine command,
      Problem problem,
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
    if (folder != null && !Files.isDirectory(folder)) {
      throw new ParameterException(
          command,
          "%s %s: there is no such folder; give the one that holds the data files"
              .formatted(source, folder));
    }
    return folder;
  }

  /**
   * The contender that a text names.
   *
   * @throws ParameterException if it names none
   */
  static Contender contender(CommandLine command, String text) {
    try {
      return Contender.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command, "--optimizers: " + e.getMessage(), e);
    }
  }

  private static int wrongOption(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandName();
    command.getErr().println(name + ": " + e.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
    command.getErr().println(name + " --help explains every option.");
    return CommandLine.ExitCode.USAGE;
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult result) {
    String name = command.getCommandName();
    if (e instanceof DataException
        || e instanceof DeviceException
        || e instanceof CheckpointException
        || e instanceof RunException
        || e instanceof PeerException) {
      command.getErr().println(name + ": " + e.getMessage());
    } else if (e instanceof IOException || e instanceof UncheckedIOException) {
      command.getErr().println(name + ": cannot read or write: " + e);
    } else {
      e.printStackTrace(command.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }
}
