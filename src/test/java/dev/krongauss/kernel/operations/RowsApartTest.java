package dev.krongauss.kernel.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.krongauss.testing.ChildJvm;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A row that is kept apart has the bits that it has among any other rows. */
final class RowsApartTest {
  @Test
  void withKernels() {
    assertThat(RowsApartProgram.check(TestDevice.get(), Operations.Mode.KERNELS))
        .isEqualTo("blocks of 1 rows");
  }

  /** In a process of its own: a library whose threads share a product at any row has no blocks. */
  @Test
  void withALibraryOfOneThread() throws IOException {
    ChildJvm.Result result = library(1);
    assertThat(result.status()).as(result.output()).isZero();
    assumeThat(result.output()).as("OpenBLAS on this CPU").doesNotContain(RowsApartProgram.NONE);
    assertThat(result.output()).contains("blocks of ");
  }

  @Test
  void severalThreadsAreFoundOut() throws IOException {
    ChildJvm.Result result = library(3);
    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output()).contains(RowsApartProgram.NONE);
  }

  private static ChildJvm.Result library(int threads) throws IOException {
    return new ChildJvm()
        .under("env", "KRONGAUSS_BLAS_THREADS=" + threads)
        .property("krongauss.home", Path.of("").toAbsolutePath())
        .property("krongauss.softcuda.check", "all")
        .run(RowsApartProgram.class);
  }
}
