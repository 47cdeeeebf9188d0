package dev.krongauss.kernel.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.krongauss.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The same with SoftCUDA's library, in processes of their own, whose threads share a product at any
 * row: either no block is found, or the bits are the same.
 */
final class LibraryRowsApartTest {
  @Test
  void oneThreadHasBlocks() throws IOException {
    ChildJvm.Result result = library(1);
    assertThat(result.status()).as(result.output()).isZero();
    assumeFalse(result.output().contains(RowsApartProgram.NONE), "OpenBLAS has none on this CPU");
    assertThat(result.output()).contains("blocks of ");
  }

  /** With AVX2 rows then depend on where threads divide them; with AVX-512 they may not. */
  @Test
  void severalThreadsAreFoundOut() throws IOException {
    for (int threads : new int[] {3, 5}) {
      ChildJvm.Result result = library(threads);
      assertThat(result.status()).as(result.output()).isZero(); // else a bit differs
      assertThat(result.output()).containsAnyOf(RowsApartProgram.NONE, "blocks of 48 rows");
    }
  }

  private static ChildJvm.Result library(int threads) throws IOException {
    return new ChildJvm()
        .under("env", "KRONGAUSS_BLAS_THREADS=" + threads)
        .property("krongauss.home", Path.of("").toAbsolutePath())
        .property("krongauss.softcuda.check", "all")
        .run(RowsApartProgram.class);
  }
}
