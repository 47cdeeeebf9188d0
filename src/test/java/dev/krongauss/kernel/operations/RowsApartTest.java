package dev.krongauss.kernel.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.testing.TestDevice;
import org.junit.jupiter.api.Test;

/** A row that is kept apart has the bits that it has among any other rows. */
final class RowsApartTest {
  @Test
  void withKernels() {
    assertThat(RowsApartProgram.check(TestDevice.get(), Operations.Mode.KERNELS))
        .isEqualTo("blocks of 1 rows, blocks of 1 rows");
  }
}
