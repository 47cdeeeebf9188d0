package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many rows a part of a batch has. */
final class SubsampleTest {
  @ParameterizedTest(name = "{1} of {0} rows")
  @CsvSource({
    "1, 1",
    "64, 64",
    "65, 64",
    "1000, 64",
    "1039, 64",
    "1040, 72",
    "2048, 128",
    "2064, 136",
    "2147483647, 134217728"
  })
  void aSixteenthAndAtLeast64(int N, int rows) {
    assertThat(Subsample.rows(N)).isEqualTo(rows);
  }

  @ParameterizedTest
  @CsvSource({"1, 512", "5, 512", "6, 427", "10, 256", "40, 64", "784, 64"})
  void fewOutputsThatDifferFromRowToRowTakeMoreRows(int outputs, int least) {
    assertThat(Subsample.leastFor(outputs)).isEqualTo(least);
    assertThat(Subsample.rows(5000, least))
        .isBetween(Math.max(312, least), 8 + Math.max(312, least));
  }

  /** No eighth gives more rows than it has, so that no row is taken twice. */
  @Test
  void rowsAreDistinctRowsOfTheBatch() {
    int[] most = {Integer.MAX_VALUE, Integer.MAX_VALUE - 1, 1 << 30};
    IntStream.concat(IntStream.rangeClosed(1, 5000), Arrays.stream(most))
        .forEach(
            N -> {
              for (int least : new int[] {64, 427, 512}) {
                int n = Subsample.rows(N, least);
                assertThat(n).as("rows of %d", N).isBetween(Math.min(N, least), N);
                boolean fits = n == N || (n % 8 == 0 && n / 8 <= N / 8);
                assertThat(fits).as("eighths of %d", N).isTrue();
              }
            });
  }

  @Test
  void aBatchHasARow() {
    assertThatThrownBy(() -> Subsample.rows(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 rows");
  }
}
