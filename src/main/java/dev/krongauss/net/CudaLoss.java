package dev.krongauss.net;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.model.LossFunction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A loss of your own in CUDA, given as source or as PTX. It runs on a GPU and on SoftCUDA, waits
 * for nothing, and updates with it are replayed as graphs.
 *
 * <p>The kernels, their signatures and what they have to write are in {@code
 * kernels/custom_loss.cuh}, which is in the jar as {@code dev/krongauss/kernels/custom_loss.cuh}
 * and included before a source: {@code loss_evaluate} and {@code loss_square_root}, optionally
 * {@code loss_sampled_gradient} (KFAC) and {@code loss_hessian_vector}. A whole loss, ½(h − t)² of
 * one output:
 *
 * <pre>{@code
 * extern "C" __global__ void loss_evaluate(const float* h, int h_stride, const float* t, int t_stride, float* gradient,
 *                                          int gradient_stride, float* values, int N, int d) {
 *   int n = blockIdx.x * blockDim.x + threadIdx.x;
 *   if (n >= N) return;
 *   float r = h[n * h_stride] - t[n * t_stride];
 *   values[n] = 0.5f * r * r;
 *   if (gradient) gradient[n * gradient_stride] = r;
 * }
 * extern "C" __global__ void loss_square_root(const float* h, int h_stride, const float* t, int t_stride, float* C,
 *                                             int C_stride, int N, int d, int K) {
 *   int n = blockIdx.x * blockDim.x + threadIdx.x;
 *   if (n < N) C[n * C_stride] = 1.0f;
 * }
 * }</pre>
 *
 * <p>A source needs nvcc on this machine ({@code NVCC}, {@code PATH}, {@code /usr/local/cuda/bin})
 * and is compiled once, as long as it is among the last few; PTX needs nothing.
 */
public final class CudaLoss implements LossFunction {
  /** Threads of a block. */
  static final int BLOCK = 128;

  private final Builder settings;
  private final CudaKernels kernels;

  private CudaLoss(Builder settings, CudaKernels kernels) {
    this.settings = settings;
    this.kernels = kernels;
  }

  /** Starts the description of a loss; the name is for reports and messages. */
  public static Builder named(String name) {
    return new Builder(name);
  }

  /** What the kernels do not say of themselves. */
  public static final class Builder {
    private final String name;
    private final int outputs;
    private final int targets;
    private final int rank;
    private final int threads;
    private final boolean diagonal;
    private final Consumer<float[]> targetCheck;

    private Builder(String name) {
      this(name, 0, 0, 0, 1, false, row -> {});
    }

    private Builder(
        String name,
        int outputs,
        int targets,
        int rank,
        int threads,
        boolean diagonal,
        Consumer<float[]> targetCheck) {
      this.name = name;
      this.outputs = outputs;
      this.targets = targets;
      this.rank = rank;
      this.threads = threads;
      this.diagonal = diagonal;
      this.targetCheck = targetCheck;
    }

    /** The one number of outputs that the loss takes; by default any. */
    public Builder outputs(int count) {
      Check.that(count >= 1, "loss '%s' with %d outputs; at least 1 is needed", name, count);
      return new Builder(name, count, targets, rank, threads, diagonal, targetCheck);
    }

    /** Columns of the targets; by default as many as there are outputs. */
    public Builder targets(int columns) {
      Check.that(columns >= 1, "loss '%s' with %d targets; at least 1 is needed", name, columns);
      return new Builder(name, outputs, columns, rank, threads, diagonal, targetCheck);
    }

    /** K, the rows of C that {@code loss_square_root} writes; by default as many as outputs. */
    public Builder rank(int columns) {
      Check.that(columns >= 1, "loss '%s' of rank %d; at least 1 is needed", name, columns);
      return new Builder(name, outputs, targets, columns, threads, diagonal, targetCheck);
    }

    /**
     * Threads for each datapoint, 1 by default; a power of two up to 128, of neighbouring indices
     * in one block: datapoint n = (blockIdx.x * blockDim.x + threadIdx.x) / threads.
     */
    public Builder threads(int count) {
      Check.that(
          count >= 1 && BLOCK % count == 0,
          "%d threads for each datapoint of loss '%s'; it must be a power of two up to %d",
          count,
          name,
          BLOCK);
      return new Builder(name, outputs, targets, rank, count, diagonal, targetCheck);
    }

    /**
     * Says that C Cᵀ of {@code loss_square_root} is diagonal for every datapoint, as where each
     * output enters the loss by itself: G of the last layer is then kept as its diagonal. What
     * would stand beside the diagonal is not looked at.
     */
    public Builder diagonalHessian() {
      return new Builder(name, outputs, targets, rank, threads, true, targetCheck);
    }

    /**
     * Checks each row of targets on the host, before the first update.
     *
     * @param check throws an {@link IllegalArgumentException} for a row that cannot be a target
     */
    public Builder checkTarget(Consumer<float[]> check) {
      return new Builder(name, outputs, targets, rank, threads, diagonal, check);
    }

    /**
     * The loss from PTX.
     *
     * @throws IllegalArgumentException if this is no PTX, a kernel is missing or has another
     *     signature; the message has what is there and what is expected
     */
    public CudaLoss ptx(String text) {
      return new CudaLoss(this, new CudaKernels(name, text));
    }

    /**
     * The loss from a file with PTX.
     *
     * @throws IllegalArgumentException as {@link #ptx(String)}, or if there is no such file
     */
    public CudaLoss ptx(Path file) {
      return ptx(read(file));
    }

    /**
     * The loss from CUDA source, compiled here and now.
     *
     * @throws IllegalArgumentException if the compiler refuses it, with what it says, or as {@link
     *     #ptx(String)}
     * @throws dev.krongauss.device.DeviceException if there is no nvcc; the message has the command
     *     that makes PTX elsewhere
     */
    public CudaLoss source(String text) {
      return ptx(CudaSource.compile(name, text, null));
    }

    /**
     * The loss from a file with CUDA source; what it includes is looked for beside it.
     *
     * @throws IllegalArgumentException as {@link #source(String)}, or if there is no such file
     * @throws dev.krongauss.device.DeviceException as {@link #source(String)}
     */
    public CudaLoss source(Path file) {
      return ptx(CudaSource.compile(name, read(file), file.toAbsolutePath().getParent()));
    }

    /** The text of a file of this loss. */
    String read(Path file) {
      Check.that(
          Files.isRegularFile(file), "loss '%s': there is no file %s", name, file.toAbsolutePath());
      try {
        return Files.readString(file);
      } catch (IOException e) {
        throw new UncheckedIOException("loss '" + name + "': reading " + file + " failed", e);
      }
    }
  }

  @Override
  public String name() {
    return settings.name;
  }

  @Override
  public int rank(int outputs) {
    return settings.rank > 0 ? settings.rank : outputs;
  }

  @Override
  public int targets(int outputs) {
    Check.that(
        settings.outputs == 0 || settings.outputs == outputs,
        "loss '%s' takes %d outputs, not %d; end the network with .dense(%d, Activation.IDENTITY)",
        settings.name,
        settings.outputs,
        outputs,
        settings.outputs);
    return settings.targets > 0 ? settings.targets : outputs;
  }

  @Override
  public void checkTargets(float[] targets, int columns) {
    LossFunction.super.checkTargets(targets, columns);
    Targets.rows(targets, columns, settings.targetCheck);
  }

  @Override
  public boolean diagonalHessian() {
    return settings.diagonal;
  }

  @Override
  public boolean canSample() {
    return kernels.has(CudaKernels.SAMPLED_GRADIENT);
  }

  @Override
  public OnDevice on(Device device) {
    return new CudaOperations(this, kernels, settings.threads, device);
  }

  @Override
  public String toString() {
    return name();
  }
}
