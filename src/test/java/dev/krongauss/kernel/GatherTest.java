package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.BatchOrder;
import dev.krongauss.testing.TestDevice;
import java.util.Collections;
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
    refused(List.of(data), List.of(matrix(5, 5)), "5 rows of a batch of 4");
    refused(Collections.nCopies(33, data), Collections.nCopies(33, batch), "33", "takes 32");
    refused(List.of(data, matrix(8, 5)), List.of(batch, matrix(4, 5)), "from[1]", "[8][5]");
    refused(List.of(data, matrix(9, 2)), List.of(batch, matrix(5, 2)), "to[1]", "[5][2]");
  }

  @Test
  void theOrderHasAddressesAndBatches() {
    refusedOrder(0, 2, 9, 4, 8, "one is null");
    refusedOrder(8, 2, 9, 4, 0, "one is null");
    refusedOrder(8, 2, 9, 4, 6, "multiple of 4");
    refusedOrder(8, 0, 9, 4, 8, "in 0 permutations");
    refusedOrder(8, 2, 9, 0, 8, "batches of 0 rows of 9");
    refusedOrder(8, 2, 9, 10, 8, "batches of 10 rows of 9");
    refusedOrder(8, 2, 1 << 30, 1, 8, "2^31 - 1 at most");
  }

  private static void refusedOrder(
      long permutations, int count, int M, int N, long next, String words) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BatchOrder(permutations, count, M, N, next))
        .withMessageContaining(words);
  }

  private void refused(List<Matrix> from, List<Matrix> to, String... words) {
    Gather gather = new Gather(device);
    BatchOrder order = new BatchOrder(8, 2, 9, 4, 8);
    var thrown = assertThatIllegalArgumentException().isThrownBy(() -> gather.of(order, from, to));
    for (String word : words) {
      thrown.withMessageContaining(word);
    }
  }

  private Matrix matrix(int rows, int columns) {
    return arena.matrix(rows, columns, "matrix");
  }
}
