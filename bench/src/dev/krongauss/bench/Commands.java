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
  private Commands() {}

  /** Has a command say what a user can meet in one message; anything else shows its trace. */
  public static CommandLine configure(CommandLine line) {
    return line.setParameterExceptionHandler(Commands::wrongOption)
        .setExecutionExceptionHandler(Commands::failed);
  }

  /**
   * The folder of the data files where none was named: {@code KRONGAUSS_DATA}, else what
   * bench/fetch has filled.
   *
   * @param home the project's folder
   * @param environment variables of the process
   * @return null if there is neither
   */
  static Path usualFolder(Problem problem, Path home, Map<String, String> environment) {
    String variable = environment.get("KRONGAUSS_DATA");
    if (variable != null && !variable.isBlank()) {
      return Path.of(variable);
    }
    Path fetched = home.resolve("bench/data");
    return Files.isDirectory(fetched.resolve(problem.subFolder())) ? fetched : null;
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
