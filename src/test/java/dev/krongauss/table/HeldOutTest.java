package dev.krongauss.table;

import static dev.krongauss.table.TableFiles.assertRefused;
import static dev.krongauss.table.TableFiles.lines;
import static dev.krongauss.table.TableFiles.quiet;
import static dev.krongauss.table.TableFiles.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which rows are held out, and that nothing of them enters the standardisation. */
final class HeldOutTest {
  private static final int ROWS = 200;

  @TempDir Path folder;

  private Path table() throws IOException {
    StringBuilder rows = new StringBuilder("person,a,y\n");
    for (int i = 0; i < ROWS; i++) {
      rows.append("p").append(i * 31 % 17).append(',').append(i * 37 % 101 + 0.25).append(',');
      rows.append(i * i % 83 + 0.5).append('\n');
    }
    return text(folder, "t", rows.toString());
  }

  @Test
  void drawnBySeed() throws IOException {
    Path file = table();
    Tabular table = quiet(Tabular.csv(file)).drop("person").heldOut(0.2).seed(5).read();
    assertThat(table.trainingRows()).hasSize(160).isSorted();
    assertThat(table.heldOutRows()).hasSize(40).isSorted();
    int[] all =
        IntStream.concat(Arrays.stream(table.trainingRows()), Arrays.stream(table.heldOutRows()))
            .sorted()
            .toArray();
    assertThat(all).isEqualTo(IntStream.range(0, ROWS).toArray());
    Tabular again = quiet(Tabular.csv(file)).drop("person").heldOut(0.2).seed(5).read();
    assertThat(again.heldOutRows()).isEqualTo(table.heldOutRows());
    Tabular other = quiet(Tabular.csv(file)).drop("person").heldOut(0.2).seed(6).read();
    assertThat(other.heldOutRows()).isNotEqualTo(table.heldOutRows());
    assertThat(table.summary()).contains("160 to train on, 40 held out (drawn with seed 5)");
  }

  @Test
  void onlyTrainingRowsEnterMeanAndDeviation() throws IOException {
    Tabular table = quiet(Tabular.csv(table())).drop("person").heldOut(0.3).read();
    double[] a =
        Arrays.stream(table.trainingRows()).mapToDouble(i -> i * 37 % 101 + 0.25).toArray();
    double mean = Arrays.stream(a).sum() / a.length;
    double deviation =
        Math.sqrt(Arrays.stream(a).map(v -> (v - mean) * (v - mean)).sum() / a.length);
    Column column = table.plan().inputs().get(0);
    // A sum of n values of size s in double is off by at most n s eps / 2.
    double bound = a.length * 101 * Math.ulp(1.0);
    assertThat(column.mean()).isCloseTo(mean, Offset.offset(bound));
    assertThat(column.deviation()).isCloseTo(deviation, Offset.offset(bound));
    float[] held = table.heldOut().orElseThrow().inputs();
    for (int n = 0; n < held.length; n++) {
      double wanted = (table.heldOutRows()[n] * 37 % 101 + 0.25 - mean) / deviation;
      assertThat(held[n]).isCloseTo((float) wanted, Offset.offset(2e-6f));
    }
  }

  @Test
  void theLastRowsOfATimeSeries() throws IOException {
    Tabular table = quiet(Tabular.csv(table())).drop("person").heldOut(0.1).inOrder().read();
    assertThat(table.heldOutRows()).isEqualTo(IntStream.range(180, 200).toArray());
    assertThat(table.summary()).contains("20 held out (the last ones)");
  }

  @Test
  void byPerson() throws IOException {
    Path file = table();
    Tabular table = quiet(Tabular.csv(file)).heldOut(0.25).heldOutBy("person").read();
    Set<Integer> held = new HashSet<>();
    for (int row : table.heldOutRows()) {
      held.add(row * 31 % 17);
    }
    for (int row : table.trainingRows()) {
      assertThat(held).doesNotContain(row * 31 % 17);
    }
    assertThat(table.heldOutRows().length).isBetween(50, 50 + ROWS / 17 + 1);
    assertThat(table.plan().leftOut())
        .containsExactly(new LeftOut("person", "rows are held out by it"));
    assertRefused(Tabular.csv(file).heldOutBy("person"), file, "needs heldOut(...)");
    assertRefused(Tabular.csv(file).heldOutBy("person").heldOut(0.1).inOrder(), file, "contradict");
    Path one = lines(folder, "one", "g,a,y", "x,1,2", "x,3,4", "x,0,9");
    assertRefused(Tabular.csv(one).heldOutBy("g").heldOut(0.5), one, "is the same in every row");
  }

  @Test
  void noneByDefault() throws IOException {
    Tabular table = quiet(Tabular.csv(table())).drop("person").read();
    assertThat(table.heldOut()).isEmpty();
    assertThat(table.heldOutRows()).isEmpty();
    assertThat(table.training().size()).isEqualTo(ROWS);
  }
}
