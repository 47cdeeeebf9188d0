package dev.krongauss.bench.exact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command on a table of its own. */
final class SpeedTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void write() throws IOException {
    Random random = new Random(5);
    StringBuilder text = new StringBuilder("sex,length,rings\n");
    for (int n = 0; n < 50; n++) {
      double length = random.nextDouble();
      text.append("FIM".charAt(n % 3)).append(',').append(length).append(',');
      text.append(Math.round(10 * length * length) + n % 3).append('\n');
    }
    Files.writeString(folder.resolve("abalone.csv"), text);
  }

  private int run(String... arguments) {
    CommandLine line = Speed.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  @Test
  void everyContestantHasARow() {
    int status =
        run(
            "abalone",
            "--data-dir=" + folder,
            "--units=3",
            "--contestants=exact,exact:sample,encog=2,commons-math=1",
            "--starts=2",
            "--updates=4");
    assertThat(status).as("%s", err).isZero();
    assertThat(out.toString())
        .contains("abalone 2-3-3-1, N = 50, P = 25, 2 turns")
        .containsPattern("\\| `exact` \\| 4 \\| [0-9.]+ \\([0-9.]+ to [0-9.]+\\) \\| 1 \\| 0\\.")
        .containsPattern("\\| `exact:sample` \\| 4 \\|")
        .containsPattern("\\| `encog` \\| 2 \\| [^|]*\\| [0-9.]+ \\([0-9.]+ to [0-9.]+\\) \\|")
        .containsPattern("\\| `commons-math` \\| 1 \\|");
    assertThat(err.toString()).contains("start 2 of 2: commons-math");
  }

  @Test
  void whatCannotBeIsSaid() {
    refused("'matlab' is nobody; choose from exact,", "--contestants=exact,matlab");
    refused("encog=0; write a number of updates", "--contestants=exact,encog=0");
    refused("--starts 0: give 1 or more", "--contestants=exact", "--starts=0");
    refused("--updates 0: give 1 or more", "--contestants=exact", "--updates=0");
    refused("51 rows of abalone.csv, which has 50", "--contestants=exact", "--rows=51");
    refused("--rows -1: give 0 or more", "--contestants=exact", "--rows=-1");
    refused("--units 0: give 1 or more", "--contestants=exact", "--units=0");
    refused("--threads 0: give 1 or more", "--contestants=exact", "--threads=0");
    refused("'torch:float16' is nobody", "--contestants=exact,torch:float16");
    assertThat(err.toString()).doesNotContain("start 1");
  }

  @Test
  void aTableThatIsNoneIsSaidWithoutATrace() throws IOException {
    String head = "sex,length,rings\nF,0.5,3\n";
    table("abalone.csv, row 2: For input string: \"x\"", head + "M,x,4\n");
    table("row 2: Record 3 has 2 fields", head + "M,1\n");
    table("column 2, from 1, has mean 0.5 and deviation 0", head + "M,0.5,4\n");
    table("has no row of inputs and a target", "sex,length,rings\n");
    table("has no row of inputs and a target", "");
  }

  private void table(String message, String text) throws IOException {
    Files.writeString(folder.resolve("abalone.csv"), text);
    refused(message, "--contestants=exact", "--units=3");
    assertThat(err.toString().strip().lines()).as("%s", err).hasSize(1);
  }

  private void refused(String message, String... more) {
    err.getBuffer().setLength(0);
    String[] arguments = new String[more.length + 2];
    arguments[0] = "abalone";
    arguments[1] = "--data-dir=" + folder;
    System.arraycopy(more, 0, arguments, 2, more.length);
    assertThat(run(arguments)).isNotZero();
    assertThat(err.toString()).contains(message);
  }

  @Test
  void mediansAreOfTheTurns() {
    assertThat(Turns.spread(java.util.List.of(3.0, 1.0, 2.0, 10.0), "%.1f"))
        .isEqualTo("2.5 (1.0 to 10.0)");
  }
}
