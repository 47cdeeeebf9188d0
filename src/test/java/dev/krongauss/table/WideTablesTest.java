package dev.krongauss.table;

import static dev.krongauss.table.TableFiles.lines;
import static dev.krongauss.table.TableFiles.quiet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Columns in their hundreds of thousands: most left out, none named one by one. */
final class WideTablesTest {
  private static final int WIDTH = 300_000;

  @TempDir Path folder;

  /** Where each column is looked for among all, this takes minutes. */
  @Test
  void manyColumnsTakeNoMoreThanTheirNumber() throws IOException {
    Path file = lines(folder, "t.libsvm", "1 1:1", "2 1:2 " + WIDTH + ":0", "4 1:3");
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          ColumnPlan plan = quiet(Tabular.libsvm(file)).task(Task.REGRESSION).read().plan();
          assertThat(plan.leftOut()).hasSize(WIDTH - 1);
          String json = plan.toJson();
          assertThat(json).hasSizeLessThan(1000);
          ColumnPlan again = ColumnPlan.ofJson(json);
          assertThat(again.fileColumns()).isEqualTo(plan.fileColumns());
          assertThat(again).isEqualTo(plan);
          try (RowReader rows = RowReader.of(again, file)) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.rows()).isEqualTo(3);
          }
        });
  }

  @Test
  void namesThatCountOnAreKeptTogether() {
    List<String> names = new ArrayList<>(List.of("label", "x 08", "x 09"));
    IntStream.rangeClosed(9, 40).forEach(i -> names.add("x " + i));
    names.addAll(List.of("x 42", "7", "x"));
    List<Object> packed = NameRun.packed(names);
    assertThat(packed).hasSize(7);
    assertThat(packed.get(3)).hasToString("{prefix=x , first=9, last=40}");
    assertThat(packed.stream().flatMap(part -> NameRun.unpacked(part).stream())).isEqualTo(names);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NameRun.unpacked(7))
        .withMessageContaining("'7' is neither a name nor names that count on");
  }
}
