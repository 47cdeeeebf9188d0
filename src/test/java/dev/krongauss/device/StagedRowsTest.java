package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.krongauss.testing.TestDevice;
import org.junit.jupiter.api.Test;

/** Rows of a Java array on the device, in order and chosen, over two pinned places in turn. */
final class StagedRowsTest {
  private static final float[] SOURCE = {0, 1, 10, 11, 20, 21, 30, 31, 40, 41};

  private final Device device = TestDevice.get();

  @Test
  void rowsComeInOrderOrChosenAndWithAColumnOfOnes() {
    try (Arena arena = device.newArena("rows");
        StagedRows rows = new StagedRows(device, SOURCE, 2, arena.matrix(3, 3, "like"))) {
      Stream stream = device.stream();
      Matrix a = arena.matrix(3, 3, "a");
      Matrix b = arena.matrix(2, 3, "b");
      Matrix c = arena.matrix(3, 3, "c");
      // More sends than places, of fewer rows than fit, before anything has waited.
      rows.send(1, a, stream);
      rows.send(new int[] {0, 4, 2, 3}, 1, b, stream);
      rows.send(new int[] {3, 0, 3}, 0, c, stream);
      assertThat(a.download(stream)).containsExactly(10, 11, 1, 20, 21, 1, 30, 31, 1);
      assertThat(b.download(stream)).containsExactly(40, 41, 1, 20, 21, 1);
      assertThat(c.download(stream)).containsExactly(30, 31, 1, 0, 1, 1, 30, 31, 1);
    }
  }

  @Test
  void rowsWithoutAColumnOfOnesAreThoseOfTheArray() {
    try (Arena arena = device.newArena("rows")) {
      Matrix to = arena.matrix(5, 2, "to");
      try (StagedRows rows = new StagedRows(device, SOURCE, 2, to)) {
        rows.send(0, to, device.stream());
        assertThat(to.download(device.stream())).containsExactly(SOURCE);
      }
    }
  }

  @Test
  void whatNoPinnedMemoryHoldsIsRefused() {
    Matrix nowhere = Matrix.wrap(256, 1 << 14, 1 << 15, 1 << 15);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StagedRows(device, new float[1], 1 << 15, nowhere))
        .withMessage(
            "16,384 rows at once need 2,147,483,648 bytes of pinned memory, and 2,147,483,639 are"
                + " possible; take a smaller batch");
  }

  @Test
  void whatHasAnotherShapeIsRefused() {
    try (Arena arena = device.newArena("rows")) {
      Matrix like = arena.matrix(4, 3, "like");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new StagedRows(device, new float[12], 5, like))
          .withMessage("rows of 5 numbers for 3 columns; there may be one more, of ones");
      try (StagedRows rows = new StagedRows(device, new float[12], 3, like)) {
        Matrix more = arena.matrix(5, 3, "more");
        assertThatIllegalArgumentException()
            .isThrownBy(() -> rows.send(0, more, device.stream()))
            .withMessage(
                "5 rows of stride 32; there is pinned memory for 4 of stride %d", like.stride());
      }
    }
  }
}
