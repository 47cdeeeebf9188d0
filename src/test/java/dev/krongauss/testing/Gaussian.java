package dev.krongauss.testing;

import dev.krongauss.net.CudaLoss;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A loss of one's own in CUDA: a Gaussian with learned variance ({@code gaussian.cu}). */
public final class Gaussian {
  private Gaussian() {}

  /** From the PTX beside the source. */
  public static CudaLoss fromPtx() {
    return settings().ptx(text("gaussian.ptx"));
  }

  /** The same, which says that its curvature, the Fisher, is diagonal. */
  public static CudaLoss diagonal() {
    return settings().diagonalHessian().ptx(text("gaussian.ptx"));
  }

  /** From the source, which needs nvcc. */
  public static CudaLoss fromSource() {
    return settings().source(text("gaussian.cu"));
  }

  public static CudaLoss.Builder settings() {
    return CudaLoss.named("gaussian").outputs(2).targets(1).rank(2);
  }

  /** One of the two files. */
  public static String text(String file) {
    try (InputStream in = CudaLoss.class.getResourceAsStream(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
