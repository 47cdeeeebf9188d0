package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong about a table is said before anything runs, as a wrong option. */
final class TableErrorsTest {
  @TempDir private Path folder;

  private Path prices;

  @BeforeEach
  void write() throws IOException {
    prices = TableFile.prices(folder.resolve("prices.csv"), 300);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--scale 2         | --scale is for the paper's networks, and prices.csv is a table",
        "--grid --grid-scale 2 | --grid-scale is for the paper's networks",
        "--paper           | --paper is the paper's comparison, and prices.csv is a table",
        "--data-dir .      | --data-dir .: prices.csv is a file of its own",
        "--holdout 1       | --holdout 1.0: it is a share of the rows",
        "--holdout -0.1    | --holdout -0.1: it is a share of the rows",
        "--holdout NaN     | --holdout NaN: it is a share of the rows",
        "--hidden 10,0     | --hidden 10,0: '0' is no number of units; give widths from 1",
        "--hidden wide     | --hidden wide: 'wide' is no number of units",
        "--hidden 10,      | --hidden 10,: '' is no number of units",
        "--activation step | --activation: activation 'step' is not known; choose from",
        "--activation leaky_relu:x | its slope is no number; write leaky_relu:0.01",
        "--delimiter ab    | --delimiter 'ab' is more than one character",
        "--task guess      | guess: there is none of that name; take regression, binary or classes",
        "--target prize    | prize",
        "--target prize    | price",
        "--batch 500       | --batch 500: prices.csv has only 240 rows to train on; try --batch 100",
        "--holdout 0 --patience 2 | --patience has no effect, as no rows are held out",
        "--inputs x.npy --targets y.npy | there is one table; leave one of both out",
        "--class-weights red=2 | class",
      })
  void wrongOptionsSayWhatIsWrong(String line, String message) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("--data", prices.toString()));
    arguments.addAll(List.of(line.split(" +")));
    assertThat(refused(arguments)).contains(message);
  }

  @Test
  void aTableThatCannotBeReadIsAWrongOption() throws IOException {
    Path ragged = Files.writeString(folder.resolve("ragged.csv"), "a,b,y\n1,2,3\n4,5\n7,8,9\n");
    assertThat(refused(List.of("--data", ragged.toString(), "--target", "y")))
        .contains("ragged.csv", "3");
    Path empty = Files.writeString(folder.resolve("empty.csv"), "");
    assertThat(refused(List.of("--data", empty.toString()))).contains("empty.csv");
    Path inputs = Files.writeString(folder.resolve("x.npy"), "no numpy");
    Path targets = Files.writeString(folder.resolve("y.npy"), "no numpy");
    assertThat(refused(List.of("--inputs", inputs.toString(), "--targets", targets.toString())))
        .contains("x.npy");
  }

  @Test
  void aRunNeverOverwritesItsOwnTable() throws IOException {
    Path run = Files.createDirectory(folder.resolve("earlier"));
    Path own = TableFile.prices(run.resolve("summary.csv"), 300);
    byte[] before = Files.readAllBytes(own);
    StringWriter error = new StringWriter();
    int code =
        Compare.commandLine()
            .setErr(new PrintWriter(error, true))
            .execute("--data", own.toString(), "--out", run.toString(), "--force");
    assertThat(code).isEqualTo(2);
    assertThat(error.toString()).contains(own + " lies in it, from which the rows are read");
    assertThat(Files.readAllBytes(own)).isEqualTo(before);
  }

  private String refused(List<String> options) throws IOException {
    Path out = folder.resolve("run");
    List<String> arguments = new ArrayList<>(options);
    arguments.addAll(List.of("--out", out.toString(), "--updates", "1"));
    StringWriter error = new StringWriter();
    int code =
        Compare.commandLine()
            .setErr(new PrintWriter(error, true))
            .execute(arguments.toArray(String[]::new));
    assertThat(code).as(error.toString()).isEqualTo(2);
    assertThat(out).doesNotExist();
    assertThat(error.toString()).startsWith("bench/compare: ").contains("--help");
    return error.toString();
  }
}
