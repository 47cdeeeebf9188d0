package dev.krongauss.table;

import static dev.krongauss.table.TableFiles.assertRefused;
import static dev.krongauss.table.TableFiles.bytes;
import static dev.krongauss.table.TableFiles.gzipped;
import static dev.krongauss.table.TableFiles.lines;
import static dev.krongauss.table.TableFiles.quiet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** libsvm's text: sparse rows made dense, and what is said of lines that are none. */
final class LibsvmTest {
  private static final String[] GOOD = {
    "# a comment", "+1 1:2 3:-0.5", "-1 2:1e1 # more", "", "+1 3:0.5", "-1", "+1 1:4 2:5 3:1.5"
  };

  @TempDir Path folder;

  @Test
  void rowsMadeDense() throws IOException {
    Path plain = lines(folder, "t.libsvm", GOOD);
    Path packed = bytes(folder, "data", gzipped(Files.readAllBytes(plain)));
    double[][] wanted = {{2, 0, -0.5}, {0, 10, 0}, {0, 0, 0.5}, {0, 0, 0}, {4, 5, 1.5}};
    for (TableReader reader :
        new TableReader[] {Tabular.libsvm(plain), Tabular.read(plain), Tabular.read(packed)}) {
      Tabular table = quiet(reader).read();
      assertThat(table.task()).isEqualTo(Task.BINARY);
      assertThat(table.plan().outputNames()).containsExactly("label=1");
      assertThat(table.plan().inputNames()).containsExactly("feature 1", "feature 2", "feature 3");
      assertThat(table.training().targets()).containsExactly(1, 0, 1, 0, 1);
      for (int i = 0; i < 15; i++) {
        Column column = table.plan().inputs().get(i % 3);
        double z = (wanted[i / 3][i % 3] - column.mean()) / column.deviation();
        assertThat(table.training().inputs()[i]).isCloseTo((float) z, Offset.offset(2e-6f));
      }
      assertThat(table.summary()).contains("libsvm, indices from 1, what is not there is 0");
    }
  }

  @Test
  void indicesFromZero() throws IOException {
    Path file = lines(folder, "t", "1.5 0:1 2:1", "2.5 1:3", "7 0:2 1:1 2:8");
    Tabular table = quiet(Tabular.read(file)).read();
    assertThat(table.plan().inputNames()).containsExactly("feature 0", "feature 1", "feature 2");
    Path later = lines(folder, "later", "0 0:1 2:1 7:5");
    try (RowReader rows = RowReader.of(table.plan(), later)) {
      assertThat(rows.next()).isTrue();
      float[] first = Arrays.copyOf(table.training().inputs(), 3);
      for (int i = 0; i < 3; i++) {
        assertThat(rows.inputs()[i]).isCloseTo(first[i], Offset.offset(1e-6f));
      }
      assertThat(rows.notes()).singleElement().asString().contains("1 value of", "'feature 2'");
    }
  }

  @Test
  void aLaterFileWithFewerFeaturesOrFromZero() throws IOException {
    ColumnPlan plan = quiet(Tabular.libsvm(lines(folder, "t", GOOD))).read().plan();
    try (RowReader rows = RowReader.of(plan, lines(folder, "later", "+1 1:2"))) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.targets()[0]).isEqualTo(1);
    }
    Path zero = lines(folder, "zero", "+1 0:2");
    assertRefused(zero, () -> RowReader.of(plan, zero).next(), "line 1: index 0", "add 1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1,3 1:2 | several labels a row; multi-label files are not read",
        "1 qid:3 1:2 | a query of ranking data",
        "a 1:2 | 'a' is no number; targets of libsvm files are numbers",
        "1:2 2:3 | a feature where the target belongs",
        "1 2:3 2:4 | an index that is not above the one before it",
        "1 x:3 | not index:value",
        "1 -1:3 | not index:value",
        "1 7 | not index:value",
        "1 2:nan | a value that is no finite number",
        "1 2: | a value that is no finite number"
      })
  void linesThatAreNone(String line, String said) throws IOException {
    Path file = lines(folder, "t", "1 1:2", line);
    assertRefused(Tabular.libsvm(file), file, "line 2: ", said);
  }

  @Test
  void filesThatAreNone() throws IOException {
    Path empty = lines(folder, "empty", "# nothing");
    assertRefused(Tabular.libsvm(empty), empty, "is empty");
    Path none = lines(folder, "none", "1", "2");
    assertRefused(Tabular.libsvm(none), none, "no row has a feature");
    Path wide = lines(folder, "wide", "1 1:1", "2 999999999:1");
    assertRefused(Tabular.libsvm(wide), wide, "indices up to 999,999,999", "16,777,216");
  }
}
