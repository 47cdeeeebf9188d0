package dev.krongauss.bench.update;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Options of {@code bench/phases}, {@code settings} and {@code precision} that cannot be. */
final class UpdateCommandsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--cycles 0          | --cycles 0: at least one is needed",
        "--scale 0           | --scale 0.0: the hidden widths cannot be multiplied by this",
        "--scale 101         | give a number above 0 and up to 100",
        "--batch 0           | --batch 0: it does not fit 20,000 rows; give 1 to 20,000",
        "--batch 20001       | --batch 20001: it does not fit 20,000 rows",
        "--optimizers lbfgs  | --optimizers: 'lbfgs' is not known; choose from kfra",
        "--data cifar        | 'cifar' is not known; choose from curves, mnist, faces, oddeven",
        "--data-dir ./none   | --data-dir ./none: there is no such folder",
      })
  void wrongOptionsOfPhases(String line, String message) {
    refused(Phases.commandLine(), line, "bench/phases: ", message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "kfra --updates 0      | --updates 0: at least one update is needed",
        "kfra --scale -1       | --scale -1.0: the hidden widths cannot be multiplied by this",
        "kfra --batch 20001    | --batch 20001: it does not fit 20,000 rows; give 1 to 20,000",
        "adam                  | 'adam' is no method",
        "kfra,lambda           | 'lambda' needs a number behind its =, for example lambda=1",
        "kfra,refresh=2.5      | 'refresh=2.5' needs a whole number of updates",
        "kfra,refresh=1e12     | 'refresh=1e12' needs a whole number of updates",
        "kfra,paper,momentum=1 | 'momentum=1' takes no value; leave out",
        "kfra,paper=1          | 'paper=1' takes no value; leave out",
        "kfra,lambda=1,momentum | momentum belongs to the paper's algorithm; write paper beside it",
        "kfac,adapt-gamma      | adapt-gamma belongs to the paper's algorithm",
        "kfra,speed=1          | 'speed=1' is no option of a setting",
      })
  void wrongOptionsOfSettings(String line, String message) {
    refused(Settings.commandLine(), line, "bench/settings: ", message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--out rows.csv --updates 9   | --updates 9: a run's objective is the mean of its last 10",
        "--out rows.csv --batch 20001 | --batch 20001: it does not fit 20,000 rows",
        "--out rows.csv --variants bf16 | 'bf16' is not known; choose from fp32, ffma, tangents",
        "--out rows.csv --seeds x     | 'x' is not a long",
      })
  void wrongOptionsOfPrecision(String line, String message) {
    refused(Precision.commandLine(), line, "bench/precision: ", message);
  }

  private static void refused(CommandLine command, String line, String name, String message) {
    StringWriter error = new StringWriter();
    int code = command.setErr(new PrintWriter(error, true)).execute(line.split(" +"));
    assertThat(code).isEqualTo(2);
    assertThat(error.toString()).startsWith(name).contains(message, "--help");
  }
}
