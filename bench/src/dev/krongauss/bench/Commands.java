package dev.krongauss.bench;

import dev.krongauss.data.DataException;
import dev.krongauss.device.DeviceException;
import dev.krongauss.dist.CollectiveException;
import dev.krongauss.dist.DisagreementException;
import dev.krongauss.io.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What the commands share: the project's folder, and how they say what went wrong. */
public final class Commands {
  private static final String HOME_PROPERTY = "krongauss.home";

  private Commands() {}

  /** The project's folder, which the scripts set; without them, the working folder. */
  public static Path home() {
    return Path.of(System.getProperty(HOME_PROPERTY, "")).toAbsolutePath();
  }

  /** Has a command say what a user can meet in one message; anything else shows its trace. */
  public static CommandLine configure(CommandLine line) {
    return line.setParameterExceptionHandler(Commands::wrongOption)
        .setExecutionExceptionHandler(Commands::failed);
  }

  /**
   * Complains of a value of an option.
   *
   * @param format value, cause and way out
   * @throws ParameterException unless it is {@code ok}
   */
  public static void require(CommandLine command, boolean ok, String format, Object... values) {
    if (!ok) {
      throw new ParameterException(command, String.format(Locale.ROOT, format, values));
    }
  }

  /** A command as one would type it into a shell. */
  public static String line(String command, List<String> arguments) {
    return Stream.concat(Stream.of(command), arguments.stream().map(Commands::quoted))
        .collect(Collectors.joining(" "));
  }

  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9_@%+=:,./^-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
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
    if (e instanceof Explained
        || e instanceof DataException
        || e instanceof DeviceException
        || e instanceof CheckpointException
        || e instanceof CollectiveException
        || e instanceof DisagreementException) {
      command.getErr().println(name + ": " + e.getMessage());
    } else if (e instanceof IOException || e instanceof UncheckedIOException) {
      command.getErr().println(name + ": cannot read or write: " + withCause(e));
    } else {
      e.printStackTrace(command.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** One that wraps another says what was written, and only the other one why that failed. */
  private static String withCause(Exception e) {
    boolean told =
        e.getCause() == null || String.valueOf(e.getMessage()).contains(e.getCause().toString());
    return told ? e.toString() : e.getMessage() + ": " + e.getCause();
  }
}
