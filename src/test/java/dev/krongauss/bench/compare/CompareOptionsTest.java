package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.PaperProblem;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
    assertThat(options.data).isEqualTo(PaperProblem.CURVES);
    assertThat(options.scale).isEqualTo(0.25);
    assertThat(options.batch).isEqualTo(500);
    assertThat(options.seconds).isEqualTo(60);
    assertThat(options.updates).isNull();
    assertThat(options.optimizers).containsExactly("kfra", "kfra:paper", "adam");
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
  void aTableIsComparedByMethodsForFewOutputs() {
    CompareOptions options = parsed("--data", "pom.xml");
    assertThat(labels(options)).containsExactly("kflr", "kfra", "adam");
    assertThat(options.scale).isEqualTo(1);
    assertThat(options.batch).as("known with the rows").isNull();
    assertThat(labels(parsed("--data", "pom.xml", "--optimizers", "adam"))).containsExactly("adam");
  }

  @Test
  void aFunctionIsFittedByTheExactStepFirst() {
    CompareOptions options = parsed("--data", "sine", "--sine-inputs", "3");
    assertThat(labels(options)).containsExactly("exact", "kflr", "adam");
    assertThat(options.scale).isEqualTo(1);
    assertThat(options.batch).as("known with the rows").isNull();
    assertThat(options.asMap())
        .containsEntry("data", "sine")
        .containsEntry("sine-inputs", 3)
        .containsEntry("sine-rows", 2000);
    assertThat(parsed().asMap()).containsEntry("sine-rows", null);
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
    assertThat(labels(options)).containsExactly("kfra", "kfra:paper", "adam:rate=2^-1");
    assertThat(labels(parsed())).containsExactly("kfra", "kfra:paper", "adam");
    assertThat(labels(parsed("--learning-rate", "0.5", "--optimizers", "adam:rate=0.1,sgd")))
        .containsExactly("adam:rate=0.1", "sgd:rate=2^-1");
  }

  @Test
  void muonHasAScale() {
    String[] both = {"--optimizers", "muon,muon:halve=9:scale=rms:rate=2^-3"};
    assertThat(labels(parsed(both))).containsExactly("muon", "muon:rate=2^-3:scale=rms:halve=9");
  }

  @Test
  void averagesAreOnOffOrBoth() {
    assertThat(labels(parsed("--averages", "both")))
        .containsExactly("kfra", "kfra:no-average", "kfra:paper", "kfra:paper:no-average", "adam");
    assertThat(labels(parsed("--averages", "off", "--optimizers", "kfra:paper:momentum")))
        .containsExactly("kfra:paper:no-average:momentum");
  }

  @Test
  void thePapersComparisonIsOneOption() {
    CompareOptions options = parsed("--paper", "--updates", "700");
    assertThat(options.scale).isEqualTo(1);
    assertThat(options.batch).isEqualTo(1000);
    assertThat(options.updates).isEqualTo(700);
    assertThat(options.seconds).isNull();
    assertThat(options.grid.on).isTrue();
    assertThat(options.grid.updates).isEqualTo(700);
    assertThat(labels(options))
        .containsExactly(
            "kfra:paper",
            "kfra:paper:no-average",
            "kfac:paper",
            "kfac:paper:no-average",
            "kfra",
            "kfra:no-average",
            "kfac",
            "kfac:no-average",
            "adam",
            "muon",
            "sgd",
            "momentum",
            "nesterov");
  }

  @Test
  void dataAreLookedForWhereTheyUsuallyAre(@TempDir Path folder) throws Exception {
    assertThatThrownBy(() -> parsed("--data", "faces"))
        .hasMessageContaining("say where they are with --data-dir DIR, have them fetched by")
        .hasMessageContaining("bench/fetch faces");
    Path fetched = Files.createDirectories(folder.resolve("bench/data"));
    assertThatThrownBy(() -> parsed(folder, Map.of(), "--data", "mnist")).isNotNull();
    Files.createDirectory(fetched.resolve("mnist"));
    assertThat(parsed(folder, Map.of(), "--data", "mnist").dataDir).isEqualTo(fetched);
    Map<String, String> variable = Map.of("KRONGAUSS_DATA", folder.toString());
    assertThat(parsed(folder, variable, "--data", "oddeven").dataDir).isEqualTo(folder);
  }

  @Test
  void everyOptionIsRecorded() {
    CommandLine command = Compare.commandLine();
    long recorded = parsed().asMap().size();
    // But --help, --version, and --resume, which is never recorded: it has no run of its own. And
    // the number of ranks is the launcher's.
    assertThat(command.getCommandSpec().options()).hasSize((int) recorded - 1 + 3);
    command
        .getCommandSpec()
        .options()
        .forEach(option -> assertThat(option.description()).isNotEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--updates 0             | --updates 0: at least one update",
        "--seconds -1            | --seconds -1.0: the time must be positive",
        "--seconds NaN           | --seconds NaN: the time must be positive",
        "--batch 0               | --batch 0: a mini-batch needs at least one row",
        "--scale 0               | --scale 0.0",
        "--scale 1000            | --scale 1000.0",
        "--learning-rate 0       | --learning-rate 0.0: it must be a positive number",
        "--optimizers kfra,kfra  | --optimizers names kfra twice",
        "--seeds 0               | --seeds 0: at least one seed",
        "--checkpoint-seconds -1 | --checkpoint-seconds -1.0: give seconds between",
        "--grid --optimizers kfra | --grid tunes first-order methods, but [kfra] has none",
        "--grid-best 2           | --grid-best has no effect without --grid",
        "--grid --grid-best 99   | --grid-best 99: the grid has 41 settings",
        "--grid --grid-updates 5 | --grid-updates 5: settings are ranked by the mean of the last"
            + " 10",
        "--optimizers kfra:rate=1 | 'kfra:rate=1': kfra has no learning rate",
        "--optimizers adam:rate=-1 | a learning rate must be positive and finite",
        "--optimizers adam:rate=x | rate needs a number behind its =",
        "--optimizers adam:scale=rms | 'adam:scale=rms': scale is an option of muon only",
        "--optimizers muon:scale=1 | 'muon:scale=1': scale must be spectral or rms",
        "--grid --optimizers muon:scale=rms | --grid tunes muon with scale=spectral only",
        "--peer torch-adam:decay=1 | --peer: 'decay=1' in 'torch-adam:decay=1' is no option",
        "--peer torch-adam,torch-adam | names one twice",
        "--optimizers adam:halve=0 | halve must be at least 1",
        "--optimizers adam:momentum | momentum is an option of kfra, kflr, kfac and auto only",
        "--optimizers kfra:momentum | 'kfra:momentum': momentum belongs to the paper's algorithm",
        "--optimizers adam:paper | paper is an option of kfra, kflr, kfac and auto only",
        "--optimizers kfra:decay=1 | 'decay=1' in 'kfra:decay=1' is no option",
        "--resume none --updates 3 | --updates together with --resume",
        "--data-dir ./none/such  | --data-dir ./none/such: there is no such folder",
        "--data cifar            | --data cifar: 'cifar' is not known and there is no such file",
        "--data cifar            | or one of curves, mnist, faces, oddeven, sine",
        "--data sine --scale 2   | --scale is for the paper's networks, and sine is generated; say"
            + " --hidden 20,20",
        "--data sine --paper     | --paper is the paper's comparison, and sine is generated; leave"
            + " it out",
        "--data sine --data-dir . | --data-dir .: sine is generated; leave it out",
        "--data sine --holdout 0.5 | --holdout is for a table of your own, not for sine",
        "--data sine --sine-inputs 17 | --sine-inputs 17: the function has 1 to 16 inputs",
        "--data sine --sine-rows 0 | --sine-rows 0: no such number of rows",
        "--data sine --hidden 5,0 | --hidden 5,0: '0' is no number of units",
        "--data sine --batch 3000 | --batch 3000: sine has only 2,000 rows to train on",
        "--sine-rows 100         | --sine-rows is for the generated function, not for curves",
        "--data pom.xml --sine-inputs 3 | --sine-inputs is for the generated function, not for"
            + " pom.xml",
        "--target price          | --target is for a table of your own, not for the data sets",
        "--data curves --task binary | --task is for a table of your own, not for curves",
        "--inputs a.npy          | --inputs a.npy: inputs and targets come as two files",
        "--inputs a.npy --targets b.npy | --inputs a.npy: there is no such file",
        "--evaluate-every 0      | --evaluate-every 0: give updates between evaluations",
        "--patience 0            | --patience 0: give evaluations without a better one",
        "--optimizers lbfgs      | 'lbfgs' is not known; choose from kfra, kflr, kfac, auto, exact,"
            + " adam",
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
    return parsed(Path.of("no such project"), Map.of(), arguments);
  }

  private static CompareOptions parsed(
      Path home, Map<String, String> environment, String... arguments) {
    CompareOptions options = new CompareOptions();
    CommandLine command = new CommandLine(new Holder(options));
    command.parseArgs(arguments);
    OptionChecks.complete(command, options, home, environment);
    return options;
  }

  private static List<String> labels(CompareOptions options) {
    return options.contenders.stream().map(Contender::label).toList();
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
