package dev.krongauss.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Options of {@code bench/compare}: defaults, and an error with value, cause and way out. */
final class CompareOptionsTest {
  @Test
  void defaultsAreASmallJobOfThreeMinutes() {
    CompareOptions options = parsed();
    assertThat(options.data).isEqualTo(Problem.CURVES);
    assertThat(options.scale).isEqualTo(0.25);
    assertThat(options.batch).isEqualTo(500);
    assertThat(options.seconds).isEqualTo(60);
    assertThat(options.updates).isNull();
    assertThat(options.optimizers)
        .containsExactly(OptimizerKind.KFRA, OptimizerKind.KFAC, OptimizerKind.ADAM);
    assertThat(options.seed).isEqualTo(1);
    assertThat(options.device).isNull();
  }

  @Test
  void realDataIsTrainedAtFullSize(@TempDir Path folder) {
    CompareOptions options = parsed("--data", "mnist", "--data-dir", folder.toString());
    assertThat(options.scale).isEqualTo(1);
    assertThat(options.batch).isEqualTo(1000);
  }

  @Test
  void updatesAloneMeanNoTimeLimit() {
    assertThat(parsed("--updates", "30").seconds).isNull();
    CompareOptions both = parsed("--updates", "30", "--seconds", "2.5");
    assertThat(both.updates).isEqualTo(30);
    assertThat(both.seconds).isEqualTo(2.5);
  }

  @Test
  void theLearningRateIsForFirstOrderOnly() {
    CompareOptions options = parsed("--learning-rate", "0.5");
    assertThat(options.learningRate(OptimizerKind.ADAM)).isEqualTo(0.5);
    assertThat(options.learningRate(OptimizerKind.KFRA)).isNaN();
    assertThat(parsed().learningRate(OptimizerKind.ADAM)).isEqualTo(1e-3);
  }

  @Test
  void everyOptionIsRecorded() {
    CommandLine command = Compare.commandLine();
    long recorded = parsed().asMap().size();
    assertThat(command.getCommandSpec().options()).hasSize((int) recorded + 2); // --help, --version
    command
        .getCommandSpec()
        .options()
        .forEach(option -> assertThat(option.description()).isNotEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--updates 0             | --updates 0: at least one update",
        "--seconds -1            | --seconds -1.0: the time must be positive",
        "--seconds NaN           | --seconds NaN: the time must be positive",
        "--batch 0               | --batch 0: a mini-batch needs at least one row",
        "--scale 0               | --scale 0.0",
        "--scale 1000            | --scale 1000.0",
        "--learning-rate 0       | --learning-rate 0.0: it must be a positive number",
        "--optimizers kfra,kfra  | --optimizers names kfra twice",
        "--data faces            | say where they are with --data-dir DIR",
        "--data-dir ./none/such  | --data-dir ./none/such: there is no such folder",
        "--data cifar            | 'cifar' is not known; choose from curves, mnist, faces",
        "--optimizers lbfgs      | 'lbfgs' is not known; choose from kfra, kflr, kfac, adam",
        "--device gpu            | 'gpu' is not known; choose from cuda, software",
        "--updates many          | 'many' is not a long",
        "--optimisers kfra       | Unknown option",
      })
  void wrongOptionsSayWhatIsWrong(String line, String message) {
    StringWriter error = new StringWriter();
    String[] arguments = line.split(" +");
    int code =
        Compare.commandLine(arguments).setErr(new PrintWriter(error, true)).execute(arguments);
    assertThat(code).isEqualTo(2);
    assertThat(error.toString()).startsWith("bench/compare: ").contains(message, "--help");
  }

  @Test
  void aLearningRateWithoutItsOptimisersIsRefused() {
    assertThatThrownBy(() -> parsed("--learning-rate", "1", "--optimizers", "kfra"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("--learning-rate 1.0 has no effect on [kfra]");
  }

  @Test
  void aRunIsNeverOverwrittenUnasked(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("metrics.csv"), "precious");
    StringWriter error = new StringWriter();
    String[] arguments = {"--out", folder.toString()};
    int code =
        Compare.commandLine(arguments).setErr(new PrintWriter(error, true)).execute(arguments);
    assertThat(code).isEqualTo(2);
    assertThat(error.toString()).contains(folder + " is not empty (1 entries)", "--force");
    assertThat(folder.resolve("metrics.csv")).hasContent("precious");
  }

  private static CompareOptions parsed(String... arguments) {
    CompareOptions options = new CompareOptions();
    CommandLine command = new CommandLine(new Holder(options));
    command.parseArgs(arguments);
    options.complete(command);
    return options;
  }

  /** Parses into options without the command around them. */
  @CommandLine.Command(name = "test")
  private static final class Holder {
    @CommandLine.Mixin private final CompareOptions options;

    Holder(CompareOptions options) {
      this.options = options;
    }
  }
}
