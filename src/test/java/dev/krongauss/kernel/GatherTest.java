package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.testing.TestDevice;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a launch of {@link Gather} refuses. */
final class GatherTest {
  private final Device device = TestDevice.get();
  private final Arena arena = device.newArena("gather");

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void rowsAreOfMatricesOfAsManyRows() {
    Matrix data = matrix(9, 5);
    Matrix batch = matrix(4, 5);
    refused(List.of(), List.of(batch), "0 matrices into 1");
    refused(List.of(data), List.of(data), "same memory");
    refused(List.of(data), List.of(matrix(4, 6)), "[9][5]", "[9][6]");
    refused(List.of(data, matrix(8, 5)), List.of(batch, matrix(4, 5)), "from[1]", "[8][5]");
    refused(List.of(data, matrix(9, 2)), List.of(batch, matrix(5, 2)), "to[1]", "[5][2]");
  }

  @Test
  void theOrderHasAnAddress() {
    Gather gather = new Gather(device);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> gather.rows(device.stream(), 0, List.of(matrix(9, 5)), List.of(matrix(4, 5))))
        .withMessageContaining("the order");
  }

  private void refused(List<Matrix> from, List<Matrix> to, String... words) {
    Gather gather = new Gather(device);
    long order = to.get(0).pointer();
    var thrown =
        assertThatIllegalArgumentException()
            .isThrownBy(() -> gather.rows(device.stream(), order, from, to));
    for (String word : words) {
      thrown.withMessageContaining(word);
    }
  }

  private Matrix matrix(int rows, int columns) {
    return arena.matrix(rows, columns, "matrix");
  }
}
