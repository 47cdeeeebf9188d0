package dev.krongauss.net;

import dev.krongauss.device.Check;
import java.util.List;

/** The kernels of {@code custom_loss.cuh} around a user's residuals and derivatives. */
final class CudaResidualSource {
  private static final String KERNELS =
      """

      namespace krongauss_residuals {

      // E of residual k, and w rho' of it.
      __device__ __forceinline__ float2 robust(int k, float r) {
      %s}

      struct Row {
        float h[OUTPUTS];
        float t[TARGETS];
        float r[COUNT];

        __device__ Row(const float* from_h, const float* from_t) {
          for (int j = 0; j < OUTPUTS; j++) h[j] = from_h[j];
          for (int j = 0; j < TARGETS; j++) t[j] = from_t[j];
          for (int k = 0; k < COUNT; k++) r[k] = 0.0f;
          residuals(h, t, r);
        }

        __device__ void slopes(float (*J)[OUTPUTS]) const {
          for (int k = 0; k < COUNT; k++)
            for (int j = 0; j < OUTPUTS; j++) J[k][j] = 0.0f;
          derivatives(h, t, J);
        }
      };

      }  // namespace krongauss_residuals

      extern "C" __global__ void loss_evaluate(const float* h, int h_stride, const float* t, int t_stride,
                                               float* gradient, int gradient_stride, float* values, int N, int d) {
        const int n = blockIdx.x * blockDim.x + threadIdx.x;
        if (n >= N) return;
        krongauss_residuals::Row row(h + (long long)n * h_stride, t + (long long)n * t_stride);
        float value = 0.0f;
        for (int k = 0; k < COUNT; k++) value += krongauss_residuals::robust(k, row.r[k]).x;
        values[n] = value;
        if (gradient == nullptr) return;
        float J[COUNT][OUTPUTS];
        row.slopes(J);
        for (int j = 0; j < OUTPUTS; j++) {
          float sum = 0.0f;
          for (int k = 0; k < COUNT; k++) sum += krongauss_residuals::robust(k, row.r[k]).y * row.r[k] * J[k][j];
          gradient[(long long)n * gradient_stride + j] = sum;
        }
      }

      extern "C" __global__ void loss_square_root(const float* h, int h_stride, const float* t, int t_stride, float* C,
                                                  int C_stride, int N, int d, int K) {
        const int n = blockIdx.x * blockDim.x + threadIdx.x;
        if (n >= N) return;
        krongauss_residuals::Row row(h + (long long)n * h_stride, t + (long long)n * t_stride);
        float J[COUNT][OUTPUTS];
        row.slopes(J);
        for (int k = 0; k < COUNT; k++) {
          const float root = sqrtf(krongauss_residuals::robust(k, row.r[k]).y);
          for (int j = 0; j < OUTPUTS; j++) C[((long long)n * COUNT + k) * C_stride + j] = root * J[k][j];
        }
      }
      """;

  private CudaResidualSource() {}

  /** A group's residuals and its settings. */
  record Part(int count, double weight, Rho rho, double scale) {
    Part {
      Check.that(
          normal(weight) && normal(1 / scale) && normal(0.5 * weight * scale * scale),
          "weight %s and scale %s of a group of residuals in CUDA: their products are no normal floats; scale the residuals"
              + " so that both are nearer to 1",
          weight,
          scale);
    }

    private static boolean normal(double value) {
      return value >= Float.MIN_NORMAL && value <= Float.MAX_VALUE;
    }
  }

  /** The whole source; lines of the compiler's messages are those of the user's text. */
  static String text(String own, int outputs, int targets, List<Part> parts) {
    int count = parts.stream().mapToInt(Part::count).sum();
    return """
        constexpr int OUTPUTS = %d;
        constexpr int TARGETS = %d;
        constexpr int COUNT = %d;
        #line 1 "residuals"
        """
            .formatted(outputs, targets, count)
        + own
        + "\n#line 1 \"kernels of residuals\"\n"
        + KERNELS.formatted(robust(parts));
  }

  private static String robust(List<Part> parts) {
    StringBuilder text = new StringBuilder();
    int end = 0;
    for (Part part : parts) {
      end += part.count();
      text.append(
          """
            if (k < %d) {
              const float x = r * %sf;
              const float z = x * x;
              return make_float2(%sf * (%s), %sf * (%s));
            }
          """
              .formatted(
                  end,
                  (float) (1 / part.scale()),
                  (float) (0.5 * part.weight() * part.scale() * part.scale()),
                  part.rho().cudaValue(),
                  (float) part.weight(),
                  part.rho().cudaSlope()));
    }
    return text.append("  return make_float2(0.0f, 0.0f);\n").toString();
  }
}
