package dev.krongauss.table;

import static dev.krongauss.table.TableFiles.assertRefused;
import static dev.krongauss.table.TableFiles.lines;
import static dev.krongauss.table.TableFiles.quiet;
import static dev.krongauss.table.TableFiles.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Later files: encoded as the plan says, and what is wrong or unknown in them is said. */
final class RowReaderTest {
  @TempDir Path folder;

  /** a: mean 2, deviation 1; c: u, v; y: no, yes. */
  private ColumnPlan plan() throws IOException {
    Path file = lines(folder, "train", "a,c,k,y", "1,u,5,yes", "3,v,5,no", "NA,u,5,yes");
    return quiet(Tabular.csv(file)).read().plan();
  }

  private static void read(ColumnPlan plan, Path file) throws IOException {
    try (RowReader rows = RowReader.of(plan, file)) {
      while (rows.next()) {
        assertThat(rows.rows()).isPositive();
      }
    }
  }

  @Test
  void columnsInAnyOrderAndMoreOfThem() throws IOException {
    Path file = lines(folder, "later", "extra,c,a", "7,v,5", "x,w,?", ",u,2", "0,w,2", "0,q,2");
    try (RowReader rows = RowReader.of(plan(), file)) {
      assertThat(rows.hasTargets()).isFalse();
      assertThat(rows.next()).isTrue();
      assertThat(rows.rows()).isEqualTo(5);
      assertThat(rows.firstRow()).isZero();
      assertThat(Arrays.copyOf(rows.inputs(), 20))
          .containsExactly(3, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      assertThat(rows.targets()).isEmpty();
      assertThat(rows.next()).isFalse();
      assertThat(rows.notes())
          .containsExactly(
              "1 column that the training file does not have is ignored: extra",
              "column 'c': 3 cells with values that the training rows do not have ('w', 'q', ...);"
                  + " encoded as none of the categories");
    }
  }

  @Test
  void targetsWhereTheFileHasThem() throws IOException {
    Path file = lines(folder, "later", "y,c,a", "yes,v,5", "no,u,5", ",u,2", "maybe,u,2");
    try (RowReader rows = RowReader.of(plan(), file)) {
      assertThat(rows.hasTargets()).isTrue();
      assertThat(rows.next()).isTrue();
      assertThat(Arrays.copyOf(rows.targets(), 4)).containsExactly(1, 0, Double.NaN, Double.NaN);
      assertThat(rows.notes()).singleElement().asString().contains("column 'y': 1 cell", "'maybe'");
    }
  }

  @Test
  void missingColumnsAreRefused() throws IOException {
    ColumnPlan plan = plan();
    Path file = lines(folder, "later", "A,y", "5,yes");
    assertRefused(
        file, () -> read(plan, file), "lacks the input columns 'a', 'c'", "did you mean 'A'");
  }

  @Test
  void wrongCellsAreRefusedWithTheirPlace() throws IOException {
    ColumnPlan plan = plan();
    Path word = lines(folder, "word", "a,c", "5,u", "five,u");
    assertRefused(word, () -> read(plan, word), "line 3, column 'a': 'five' is text");
    Path infinite = lines(folder, "infinite", "a,c", "inf,u");
    assertRefused(
        infinite, () -> read(plan, infinite), "line 2, column 'a': the value is infinite");
    Path far = lines(folder, "far", "a,c", "1e300,u");
    assertRefused(far, () -> read(plan, far), "1.0E300 is out of range beside mean 2.0");
    Path ragged = lines(folder, "ragged", "a,c", "1");
    assertRefused(ragged, () -> read(plan, ragged), "line 2: 1 field, but there are 2 columns");
    Path none = folder.resolve("none");
    assertRefused(none, () -> read(plan, none), "no such file");
  }

  @Test
  void aHeaderAloneHasNoRows() throws IOException {
    try (RowReader rows = RowReader.of(plan(), lines(folder, "later", "a,c"))) {
      assertThat(rows.next()).isFalse();
      assertThat(rows.rows()).isZero();
    }
  }

  @Test
  void filesWithoutNamesAreReadByPosition() throws IOException {
    Path file = lines(folder, "train", "1,7,10", "3,5,30", "5,9,20");
    ColumnPlan plan = quiet(Tabular.csv(file)).noHeader().target("2").read().plan();
    for (String rows : List.of("5,100,30\n", "5,30\n")) {
      Path later = text(folder, "later", rows);
      try (RowReader reader = RowReader.of(plan, later)) {
        assertThat(reader.next()).isTrue();
        assertThat(reader.inputs()[0]).isCloseTo(1.2247449f, Offset.offset(1e-6f));
        assertThat(reader.inputs()[1]).isCloseTo(1.2247449f, Offset.offset(1e-6f));
        assertThat(reader.hasTargets()).isEqualTo(rows.length() > 6);
      }
    }
    Path wrong = text(folder, "wrong", "5\n");
    assertRefused(
        wrong, () -> read(plan, wrong), "has 1 column,", "the training file 3, 2 without");
  }

  @Test
  void chunksJoinWithoutAGap() throws IOException {
    int n = 20_000;
    StringBuilder text = new StringBuilder("a,c\n");
    for (int i = 0; i < n; i++) {
      text.append(i).append(i % 2 == 0 ? ",u\n" : ",v\n");
    }
    int seen = 0;
    try (RowReader rows = RowReader.of(plan(), text(folder, "long", text.toString()))) {
      while (rows.next()) {
        assertThat(rows.firstRow()).isEqualTo(seen);
        for (int r = 0; r < rows.rows(); r++, seen++) {
          assertThat(rows.inputs()[4 * r]).isEqualTo(seen - 2f);
          assertThat(rows.inputs()[4 * r + 2]).isEqualTo(seen % 2 == 0 ? 1 : 0);
        }
      }
    }
    assertThat(seen).isEqualTo(n);
  }

  @Test
  void aDelimiterThatWasToldIsKept() throws IOException {
    Path file = lines(folder, "train", "a|y", "1|5", "3|6", "2|9");
    ColumnPlan plan = quiet(Tabular.csv(file)).delimiter('|').task(Task.REGRESSION).read().plan();
    ColumnPlan kept = ColumnPlan.ofJson(plan.toJson());
    assertThat(kept).isEqualTo(plan);
    try (RowReader rows = RowReader.of(kept, file)) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.rows()).isEqualTo(3);
    }
    Path comma = lines(folder, "comma", "a,y", "1,5", "3,6", "2,9");
    ColumnPlan found = quiet(Tabular.csv(comma)).task(Task.REGRESSION).read().plan();
    assertThat(found.toJson()).doesNotContain("delimiter");
    try (RowReader rows = RowReader.of(found, lines(folder, "tab", "y\ta", "1\t5"))) {
      assertThat(rows.next()).isTrue();
    }
  }
}
