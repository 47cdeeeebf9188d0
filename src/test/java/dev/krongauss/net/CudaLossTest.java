package dev.krongauss.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.krongauss.device.DeviceException;
import dev.krongauss.reference.Algebra;
import dev.krongauss.testing.Gaussian;
import dev.krongauss.testing.LossProbe;
import dev.krongauss.testing.Nvcc;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Losses in CUDA: source and PTX, what may be missing, and what the messages say then. */
final class CudaLossTest {
  private static final int N = 300; // more than two blocks

  private final SplittableRandom random = new SplittableRandom(97);
  private final double[][] H = Problem.random(N, 2, random);
  private final double[][] T = Problem.random(N, 1, random);

  @Test
  void sourceAndPtxAreTheSameLoss() {
    Nvcc.assume("that a loss from source is that of its PTX");
    try (LossProbe ptx = new LossProbe(Gaussian.fromPtx(), H, T, false);
        LossProbe source = new LossProbe(Gaussian.fromSource(), H, T, false)) {
      assertThat(source.values()).isEqualTo(ptx.values());
      assertThat(source.gradients()).isDeepEqualTo(ptx.gradients());
      assertThat(source.meanHessian()).isDeepEqualTo(ptx.meanHessian());
      assertThat(source.sampledGradients(7, 3)).isDeepEqualTo(ptx.sampledGradients(7, 3));
      assertThat(source.hessianVectors(H)).isDeepEqualTo(ptx.hessianVectors(H));
    }
  }

  @Test
  void filesServeAsWell(@TempDir Path folder) throws IOException {
    Path ptx = Files.writeString(folder.resolve("loss.ptx"), Gaussian.text("gaussian.ptx"));
    CudaLoss loss = Gaussian.settings().ptx(ptx);
    assertThat(loss.canSample()).isTrue();
    assertThat(loss.rank(2)).isEqualTo(2);
    assertThat(loss.targets(2)).isEqualTo(1);
    assertThatThrownBy(() -> Gaussian.settings().source(folder.resolve("absent.cu")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no file")
        .hasMessageContaining("absent.cu");
    Nvcc.assume("that a source finds what lies beside it");
    Files.writeString(folder.resolve("beside.cuh"), Gaussian.text("gaussian.cu"));
    Path source = Files.writeString(folder.resolve("loss.cu"), "#include \"beside.cuh\"\n");
    assertThat(Gaussian.settings().source(source).canSample()).isTrue();
  }

  /** The loss of the class' own documentation, with several threads for a datapoint. */
  @Test
  void aDatapointMayHaveSeveralThreads() {
    Nvcc.assume("a loss with several threads for a datapoint");
    CudaLoss loss =
        CudaLoss.named("squared")
            .threads(4)
            .source(
                """
                extern "C" __global__ void loss_evaluate(const float* h, int h_stride, const float* t, int t_stride,
                                                         float* gradient, int gradient_stride, float* values, int N,
                                                         int d) {
                  int n = (blockIdx.x * blockDim.x + threadIdx.x) / 4;
                  int lane = threadIdx.x % 4;
                  float sum = 0;
                  if (n < N) {
                    for (int j = lane; j < d; j += 4) {
                      float r = h[n * h_stride + j] - t[n * t_stride + j];
                      sum += 0.5f * r * r;
                      if (gradient) gradient[n * gradient_stride + j] = r;
                    }
                  }
                  sum += __shfl_xor_sync(0xffffffffu, sum, 1);
                  sum += __shfl_xor_sync(0xffffffffu, sum, 2);
                  if (n < N && lane == 0) values[n] = sum;
                }
                extern "C" __global__ void loss_square_root(const float* h, int h_stride, const float* t, int t_stride,
                                                            float* C, int C_stride, int N, int d, int K) {
                  int n = (blockIdx.x * blockDim.x + threadIdx.x) / 4;
                  if (n >= N) return;
                  for (int k = threadIdx.x % 4; k < K; k += 4)
                    for (int j = 0; j < d; j++) C[(n * K + k) * C_stride + j] = j == k;
                }
                """);
    double[][] outputs = Problem.random(N, 7, random);
    double[][] targets = Problem.random(N, 7, random);
    assertThat(loss.canSample()).isFalse();
    try (LossProbe own = new LossProbe(loss, outputs, targets, false);
        LossProbe builtIn = new LossProbe(Loss.squared(), outputs, targets, false)) {
      assertThat(own.gradients()).isDeepEqualTo(builtIn.gradients());
      assertThat(own.values())
          .usingComparatorWithPrecision(1e-5) // ten roundings of sums below 14
          .containsExactly(builtIn.values());
      double[][] mean = own.meanHessian();
      for (int i = 0; i < 7; i++) {
        assertThat(mean[i])
            .usingComparatorWithPrecision(1e-4) // N roundings
            .containsExactly(Algebra.identity(7)[i]);
      }
    }
  }

  /**
   * The Tweedie deviance of power 1.5 with a log link, with pow in double precision, which nvcc
   * leaves a call.
   */
  @Test
  void aLossMayCallWhatNvccDoesNotInline() {
    Nvcc.assume("a loss with a pow in double precision");
    CudaLoss loss =
        CudaLoss.named("tweedie")
            .outputs(1)
            .targets(1)
            .source(
                """
                extern "C" __global__ void loss_evaluate(const float* h, int h_stride, const float* t, int t_stride,
                                                         float* gradient, int gradient_stride, float* values, int N,
                                                         int d) {
                  int n = blockIdx.x * blockDim.x + threadIdx.x;
                  if (n >= N) return;
                  float mu = expf(h[n * h_stride]), y = t[n * t_stride];
                  values[n] = 2 * y * pow(mu, -0.5) + 2 * pow(mu, 0.5);
                  if (gradient) gradient[n * gradient_stride] = -y * pow(mu, -0.5) + pow(mu, 0.5);
                }
                extern "C" __global__ void loss_square_root(const float* h, int h_stride, const float* t, int t_stride,
                                                            float* C, int C_stride, int N, int d, int K) {
                  int n = blockIdx.x * blockDim.x + threadIdx.x;
                  if (n < N) C[n * K * C_stride] = pow(expf(h[n * h_stride]), 0.25);
                }
                """);
    double[][] outputs = {{0.3}, {-1.5}, {2}};
    double[][] targets = {{2}, {0}, {5}};
    try (LossProbe own = new LossProbe(loss, outputs, targets, false)) {
      for (int n = 0; n < outputs.length; n++) {
        double root = Math.exp(outputs[n][0] / 2);
        double y = targets[n][0];
        // expf within two units in the last place, and the float results' rounding.
        assertThat(own.values()[n]).isCloseTo(2 * y / root + 2 * root, withinPercentage(1e-4));
        assertThat(own.gradients()[n][0]).isCloseTo(root - y / root, withinPercentage(1e-4));
      }
    }
  }

  @Test
  void withoutACompilerTheMessageHasTheCommand() {
    assertThatThrownBy(
            () -> CudaSource.compile("gaussian", "", null, List.of("no-such-nvcc", "/nor/nvcc")))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("there is no nvcc (looked for no-such-nvcc, /nor/nvcc)")
        .hasMessageContaining(
            "nvcc -ptx -arch=compute_80 -std=c++17 -O3 -I. -include custom_loss.cuh loss.cu -o loss.ptx")
        .hasMessageContaining("philox.cuh")
        .hasMessageContaining("ptx(Path)");
  }

  @Test
  void whatTheCompilerRefusesComesWithItsWords() {
    Nvcc.assume("what nvcc says of a wrong source");
    String shorter =
        Gaussian.text("gaussian.cu").replace("float* values, int N, int d)", "int N, int d)");
    assertThatThrownBy(() -> Gaussian.settings().source(shorter))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nvcc refuses the source of loss 'gaussian'")
        .hasMessageContaining("loss.cu(") // its line
        .hasMessageContaining("loss_evaluate")
        .hasMessageContaining("custom_loss.cuh has the signatures");
  }

  @Test
  void ptxIsHeldAgainstTheSignatures() {
    String ptx = Gaussian.text("gaussian.ptx");
    refused("some text").hasMessageContaining("no PTX").hasMessageContaining("'some text'");
    refused("").hasMessageContaining("(empty)");
    refused(ptx.replace("loss_square_root", "_Z16loss_square_rootPKfiS0_iPfiiii"))
        .hasMessageContaining("no kernel loss_square_root")
        .hasMessageContaining("_Z16loss_square_rootPKfiS0_iPfiiii")
        .hasMessageContaining(
            "const float* t, int t_stride, float* C, int C_stride, int N, int d, int K")
        .hasMessageContaining("extern \"C\"");
    refused(ptx.replace(".param .u32 loss_evaluate_param_8", ".param .u64 loss_evaluate_param_8"))
        .hasMessageContaining("kernel loss_evaluate of loss 'gaussian' has the parameters")
        .hasMessageContaining("u32, u64]")
        .hasMessageContaining("float* values, int N, int d");
    refused(
            ptx.replace(".param .u32 loss_hessian_vector_param_7,", "")
                .replace("loss_hessian_vector_param_7]", "loss_hessian_vector_param_5]"))
        .hasMessageContaining("kernel loss_hessian_vector");
  }

  /** What only the driver can see. */
  @Test
  void ptxThatTheDriverRefusesIsAnError() {
    String broken = Gaussian.text("gaussian.ptx").replaceFirst("mov\\.u32", "mov.nonsense");
    CudaLoss loss = Gaussian.settings().ptx(broken);
    assertThatThrownBy(() -> loss.on(TestDevice.get()))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("the PTX of loss 'gaussian'");
  }

  @Test
  void settingsAreChecked() {
    assertThatThrownBy(() -> CudaLoss.named("x").threads(3))
        .hasMessageContaining("3 threads for each datapoint of loss 'x'");
    assertThatThrownBy(() -> CudaLoss.named("x").rank(0)).hasMessageContaining("rank 0");
    assertThatThrownBy(() -> Gaussian.fromPtx().targets(3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("takes 2 outputs, not 3")
        .hasMessageContaining(".dense(2, Activation.IDENTITY)");
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> refused(
      String ptx) {
    return assertThatThrownBy(() -> Gaussian.settings().ptx(ptx))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
