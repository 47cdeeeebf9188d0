package dev.krongauss.bench.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command makes a file, reads it in both ways and prints the ratios. */
final class ReadSpeedTest {
  /** Of the bytes of the floats: a file of a megabyte has all buffers beside it. */
  private static final double MOST_ALLOCATED = 60;

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine line = ReadSpeed.commandLine();
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  @Test
  void bothWaysInTurns() throws Exception {
    String file = folder.resolve("numbers.csv").toString();
    assertThat(run(file, "--make", "1", "--columns", "5", "--rounds", "2")).as("%s", err).isZero();
    assertThat(Files.size(Path.of(file))).isBetween(1_000_000L, 1_001_000L);
    assertThat(out.toString())
        .contains("0: table ", "1: table ", "FastCSV alone", "numbers.csv, 1 MB");
    String allocated = out.toString().replaceAll("(?s).*allocated ([0-9.]+) x.*", "$1");
    assertThat(Double.parseDouble(allocated)).isBetween(1.0, MOST_ALLOCATED);
    assertThat(run(file, "--make", "1")).isEqualTo(2);
    assertThat(err.toString()).contains("is there already");
  }

  @Test
  void wrongNumbers() {
    assertThat(run("none.csv", "--rounds", "0")).isEqualTo(2);
    assertThat(run("none.csv", "--columns", "1")).isEqualTo(2);
    assertThat(run("none.csv")).isEqualTo(1);
    assertThat(err.toString()).contains("--rounds 0", "--columns 1");
  }
}
