package dev.krongauss.kernel.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.krongauss.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The same with SoftCUDA's library, in processes of their own: one whose threads share a product at
 * any row has no blocks of rows.
 */
final class LibraryRowsApartTest {
  @Test
  void oneThreadHasBlocks() throws IOException {
    ChildJvm.Result result = library(1);
    assertThat(result.status()).as(result.output()).isZero();
    assumeFalse(result.output().contains(RowsApartProgram.NONE), "OpenBLAS has none on this CPU");
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
