package dev.krongauss.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Figures, tables and pages from folders made here, and the project's pages from its own. */
final class ReportTest {
  private static final Path PROJECT =
      Path.of(System.getProperty("krongauss.home", "")).toAbsolutePath();

  @TempDir private Path home;

  @BeforeEach
  void aProjectWithOneRun() throws IOException {
    Path run = Files.createDirectories(home.resolve("bench/results/2030-01-01-run"));
    Files.writeString(
        run.resolve("config.json"),
        "{\"options\":{\"data\":\"curves\"},\"costs\":[{\"optimizer\":\"kfra\",\"milliseconds\":12.5},"
            + "{\"optimizer\":\"adam\",\"milliseconds\":5}]}");
    Files.writeString(
        run.resolve("summary.csv"),
        "optimizer,seed,updates,seconds,ms_per_update,objective,best,failure\n"
            + "kfra,1,3,6.0,2000,2.04,2.04,\nadam,1,4,4.0,1000,5.25,5.25,\n"
            + "adam:rate=2^-8,1,4,4.0,1000,4.75,4.75,\n");
    Files.writeString(
        run.resolve("metrics.csv"),
        "optimizer,seed,update,seconds,objective,sliding_mean\n"
            + "kfra,1,1,1.0,9,9\nkfra,1,2,3.0,5,5\nkfra,1,3,6.0,2,2.04\n"
            + "adam,1,1,1.0,9,9\nadam,1,2,2.0,8,8\nadam,1,3,3.0,7,7\nadam,1,4,4.0,5.25,5.25\n");
    Files.writeString(
        run.resolve("grid.csv"),
        "optimizer,learning_rate,halve_percent,updates,objective,failure\n"
            + "adam,0.001,0.0,9,7.5,\nadam,2^-6,50.0,9,6.5,\n");
    Files.writeString(
        home.resolve("README.md"), "a\n<!-- results -->\n<!-- end of results -->\nb\n");
    write("README.in.md", "{{value 2030-01-01-run kfra updates}} updates.\n");
    write("front.in.md", "{{value 2030-01-01-run kfra objective .1}}\n");
  }

  @Test
  void theProjectsPagesAreWhatItsFoldersGive() throws IOException {
    for (Map.Entry<Path, String> page : Report.pages(PROJECT).entrySet()) {
      assertThat(page.getKey())
          .as("run bench/report and commit what it writes")
          .hasContent(page.getValue());
    }
  }

  @Test
  void aFigureIsFoundOrComputed() throws IOException {
    assertThat(filled("value 2030-01-01-run kfra objective .1")).isEqualTo("2.0");
    assertThat(filled("value 2030-01-01-run adam@1 seconds .0")).isEqualTo("4");
    assertThat(filled("at 2030-01-01-run adam 2 .2")).isEqualTo("8.00");
    assertThat(filled("common 2030-01-01-run adam kfra .0")).isEqualTo("7");
    assertThat(filled("first 2030-01-01-run kfra")).isEqualTo("9");
    assertThat(filled("reached 2030-01-01-run kfra adam .2")).isEqualTo("0.75");
    assertThat(filled("config 2030-01-01-run options.data")).isEqualTo("curves");
    assertThat(filled("json 2030-01-01-run config.json costs[optimizer=adam].milliseconds"))
        .isEqualTo("5");
    assertThat(filled("grid 2030-01-01-run 1 learning_rate")).isEqualTo("2^-6");
    assertThat(filled("cell 2030-01-01-run grid.csv learning_rate=0.001 objective .1"))
        .isEqualTo("7.5");
    assertThat(
            filled(
                "by config 2030-01-01-run costs[optimizer=kfra].milliseconds\n"
                    + "   config 2030-01-01-run costs[optimizer=adam].milliseconds .1"))
        .isEqualTo("2.5");
  }

  @Test
  void aTableHasARowARunAndTheBestOfAMethod() throws IOException {
    assertThat(filled("table compare kfra,best:adam 2030-01-01-run"))
        .endsWith("| KFRA | 2.0 (3) |\n| Adam, the best setting that ran | 4.8 (4) |");
    assertThat(filled("table runs 2030-01-01-run"))
        .contains("| Adam at 2^-8 | 4.8 | 4 | 4.0 | 1000 |");
  }

  @Test
  void severalSeedsAreARangeAndAMean() throws IOException {
    Path run = Files.createDirectories(home.resolve("bench/results/2030-01-02-seeds"));
    Files.writeString(run.resolve("config.json"), "{\"options\":{\"data\":\"faces\"}}");
    Files.writeString(
        run.resolve("summary.csv"),
        "optimizer,seed,updates,seconds,ms_per_update,objective,best,failure,evaluated,averaged\n"
            + "kfra,1,2,2.0,1000,4,4,,3.5,3.25\nkfra,2,4,4.0,1000,6,6,,5.5,5.25\n"
            + "adam,1,2,8.0,4000,5,5,,5,NaN\nadam,2,2,8.0,4000,7,7,,7,NaN\n"
            + "adam:rate=2^-6,1,2,8.0,4000,1,1,,5,NaN\nadam:rate=2^-6,2,1,4.0,4000,NaN,NaN,lost,NaN,NaN\n"
            + "adam:rate=2^-8,1,2,8.0,4000,3,3,,5,NaN\nadam:rate=2^-8,2,2,8.0,4000,8,8,,7,NaN\n");
    Files.writeString(
        run.resolve("metrics.csv"),
        "optimizer,seed,update,seconds,objective,sliding_mean\n"
            + "kfra,1,1,1.0,9,9\nkfra,1,2,2.0,4,4\n"
            + "kfra,2,1,1.0,8,8\nkfra,2,2,2.0,8,7.5\nkfra,2,3,3.0,8,6.5\nkfra,2,4,4.0,6,6\n"
            + "adam,1,1,4.0,9,9\nadam,1,2,8.0,5,5\nadam,2,1,4.0,9,9\nadam,2,2,8.0,7,7\n");
    assertThat(filled("value 2030-01-02-seeds kfra objective .1")).isEqualTo("5.0");
    assertThat(filled("value 2030-01-02-seeds kfra@2 objective .1")).isEqualTo("6.0");
    assertThat(filled("range 2030-01-02-seeds kfra objective 2")).isEqualTo("4.00 to 6.00");
    assertThat(filled("range 2030-01-02-seeds kfra seconds 0")).isEqualTo("2 to 4");
    assertThat(filled("first 2030-01-02-seeds kfra .1")).isEqualTo("8.5");
    assertThat(filled("common 2030-01-02-seeds kfra adam .2")).isEqualTo("5.75");
    assertThat(filled("reached 2030-01-02-seeds kfra adam .3")).isEqualTo("0.375");
    assertThat(filled("across 2030-01-02-seeds kfra 2030-01-02-seeds adam@2 .3"))
        .isEqualTo("0.375");
    assertRefused("across 2030-01-02-seeds kfra 2030-01-02-seeds adam .3", "never reaches 5.0");
    assertThat(filled("within 2030-01-02-seeds kfra adam 7 .3")).isEqualTo("0.375");
    assertRefused("within 2030-01-02-seeds kfra@1 adam@2 7 .3", "share no seed");
    assertThat(filled("value 2030-01-02-seeds best:adam objective .1")).isEqualTo("5.5");
    assertRefused("reached 2030-01-02-seeds kfra adam:rate=2^-8 .1", "never reaches 3.0");
    assertRefused("reached 2030-01-02-seeds kfra adam@1 .1", "2 seeds of 'kfra' and 1 of 'adam@1'");
    assertRefused("value 2030-01-02-seeds best:sgd objective .1", "no finished run of 'sgd'");
    assertThat(filled("table compare kfra,best:adam 2030-01-02-seeds"))
        .endsWith(
            "| KFRA | 4.0 to 6.0 (3) |\n| Adam, the best setting that ran | 3.0 to 8.0 (2) |");
    assertThat(filled("table runs 2030-01-02-seeds"))
        .contains(
            "| run | objective | updates | seconds | ms an update | last weights | averaged |")
        .contains("| KFRA | 4.0 to 6.0 | 3 | 3.0 | 1000 | 3.5 to 5.5 | 3.3 to 5.3 |")
        .contains("| Adam at 2^-8 | 3.0 to 8.0 | 2 | 8.0 | 4000 | 5.0 to 7.0 | – |");
  }

  @Test
  void heldOutRowsHaveATableOfTheirOwn() throws IOException {
    Path run = Files.createDirectories(home.resolve("bench/results/2030-01-03-table"));
    Files.writeString(run.resolve("config.json"), "{\"options\":{\"data\":\"houses.csv\"}}");
    String head = "optimizer,seed,update,seconds,objective,rmse,r2,log_loss,accuracy,auc,weights\n";
    Files.writeString(
        run.resolve("evaluation.csv"),
        head
            + "kfra,1,1,1.0,0.5,700,0.5,,,,last\nkfra,1,2,2.0,0.2,400,0.8,,,,last\n"
            + "kfra,1,2,2.0,0.1,300,0.9,,,,average\nkfra,2,1,3.0,0.25,450,0.75,,,,last\n"
            + "sgd,1,1,1.0,0.9,950,0.1,,,,last\nsgd,2,1,1.0,0.25,450,0.75,,,,last\n"
            + "adam,1,1,8.0,0.2,400,0.8,,,,last\nadam,1,2,9.0,NaN,NaN,NaN,,,,last\n"
            + "adam,2,1,4.0,0.25,450,0.75,,,,last\n");
    assertThat(filled("table heldout 2030-01-03-table adam"))
        .isEqualTo(
            String.join(
                "\n",
                "| run | held-out objective | RMSE | R² | after seconds"
                    + " | of the time of Adam at 1e-3, the default |",
                "|---|---|---|---|---|---|",
                "| KFRA | 0.1000 to 0.2500 | 300 to 450 | 0.750 to 0.900 | 2.0 to 3.0 | 0.75 |",
                "| SGD | 0.2500 to 0.9000 | 450 to 950 | 0.100 to 0.750 | 1.0 | 1 of 2 seeds |",
                "| Adam at 1e-3, the default | 0.2000 to 0.2500 | 400 to 450 | 0.750 to 0.800"
                    + " | 4.0 to 8.0 | 1 |"));
    assertRefused("table heldout 2030-01-03-table muon", "no run 'muon'", "kfra, sgd, adam");
  }

  @Test
  void runsAreSaidInWords() {
    assertThat(Labels.of("kfra:paper:momentum")).isEqualTo("KFRA of the paper with momentum");
    assertThat(Labels.of("muon:rate=2^-4:scale=rms")).isEqualTo("Muon at 2^-4 scaled by rms");
    assertThat(Labels.of("kfac-jax:damping=0.1")).isEqualTo("kfac_jax from damping 0.1");
    assertThat(Labels.of("torch-kfra-layers:method=kfac"))
        .isEqualTo("one step length a layer in plain PyTorch with KFAC's factors");
    assertThat(Labels.of("torch-muon:ends=adam"))
        .isEqualTo("PyTorch's Muon with Adam for the ends");
  }

  @Test
  void aFigureThatNoFolderHasIsNamed() {
    assertRefused("value 2030-01-01-run kfac objective .1", "no run 'kfac'", "kfra, adam");
    assertRefused("value 2030-01-02-run kfra objective .1", "no folder bench/results/2030-01-02");
    assertRefused("value 2030-01-01-run kfra speed .1", "no column 'speed'");
    assertRefused("reached 2030-01-01-run adam kfra .1", "never reaches 2.04");
    assertRefused("at 2030-01-01-run kfra 4 .1", "no update 4");
    assertRefused("config 2030-01-01-run options.seconds", "nothing at 'seconds'");
    assertRefused("csv 2030-01-01-run", "no figure 'csv'");
    assertRefused("table csv 2030-01-01-run ranks.csv", "no ranks.csv");
    assertRefused("value 2030-01-01-run kfra", "argument 3 of 'value' is missing");
    assertRefused("value 2030-01-01-run kfra objective", "add its digits");
    assertRefused("value 2030-01-01-run kfra objective .1 x", "'x' is too much");
  }

  @Test
  void allThatIsMissingIsSaidAtOnceWithItsLine() {
    assertThatThrownBy(() -> template().fill("text", "\n{{a}} b\n{{value x y z}}"))
        .isInstanceOf(ReportException.class)
        .hasMessageContaining("text:2: {{a}}: ")
        .hasMessageContaining("text:3: {{value x y z}}: ");
  }

  @Test
  void aRunThatIsNeverNamedIsAnError() throws IOException {
    Files.createDirectory(home.resolve("bench/results/2031-01-01-new"));
    assertThatThrownBy(() -> Report.pages(home))
        .isInstanceOf(ReportException.class)
        .hasMessageContaining("2031-01-01-new");
  }

  @Test
  void theCommandWritesAndTheCheckFindsAChange() throws IOException {
    CommandLine command = Report.command(home);
    assertThat(command.execute("--check")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    assertThat(home.resolve("bench/results/README.md")).doesNotExist();
    assertThat(Report.command(home).execute()).isEqualTo(CommandLine.ExitCode.OK);
    assertThat(home.resolve("bench/results/README.md")).content().endsWith("\n\n3 updates.\n");
    assertThat(home.resolve("README.md"))
        .hasContent("a\n<!-- results -->\n\n2.0\n\n<!-- end of results -->\nb\n");
    assertThat(Report.command(home).execute("--check")).isEqualTo(CommandLine.ExitCode.OK);
    write("front.in.md", "{{value 2030-01-01-run kfra objective .2}}\n");
    assertThat(Report.command(home).execute("--check")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
  }

  private void assertRefused(String placeholder, String... parts) {
    assertThatThrownBy(() -> filled(placeholder))
        .isInstanceOf(ReportException.class)
        .hasMessageContaining("{{" + placeholder + "}}")
        .message()
        .contains(parts);
  }

  private String filled(String placeholder) throws IOException {
    return template().fill("text", "{{" + placeholder + "}}");
  }

  private Template template() throws IOException {
    return new Template(ResultFolders.in(home.resolve("bench/results")));
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(home.resolve("bench/results").resolve(name), text);
  }
}
