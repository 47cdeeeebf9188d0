package dev.krongauss.net;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Loss.Kind;
import dev.krongauss.kernel.Operations;
import dev.krongauss.model.LossFunction;
import java.util.Locale;

/** A loss whose operations are kernels of {@code kernels/loss.cu}. */
final class BuiltInLoss implements LossFunction {
  private final Kind kind;

  BuiltInLoss(Kind kind) {
    this.kind = kind;
  }

  @Override
  public String name() {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public int rank(int outputs) {
    return outputs;
  }

  @Override
  public boolean canSample() {
    return true;
  }

  @Override
  public OnDevice on(Device device) {
    return new Kernels(kind, new dev.krongauss.kernel.Loss(device), Operations.of(device));
  }

  @Override
  public String toString() {
    return name();
  }

  private record Kernels(Kind kind, dev.krongauss.kernel.Loss kernels, Operations operations)
      implements OnDevice {
    @Override
    public boolean capturable() {
      return true;
    }

    @Override
    public void evaluate(Matrix h, Matrix t, Matrix gradient, long perDatapoint, Stream stream) {
      kernels.evaluate(stream, kind, h, t, gradient, perDatapoint);
    }

    @Override
    public void squareRoot(Matrix h, Matrix t, Matrix C, Stream stream) {
      kernels.squareRoot(stream, kind, h, C);
    }

    @Override
    public void meanHessian(Matrix h, Matrix t, Matrix scratch, Matrix H, Stream stream) {
      if (kind != Kind.SOFTMAX) {
        kernels.meanHessianDiagonal(stream, kind, h, H);
        return;
      }
      kernels.probabilities(stream, kind, h, scratch); // H = diag(mean p) − 1/N Σ p pᵀ
      operations.gram(stream, scratch, -1f / h.rows(), 0, H);
      kernels.addMeanDiagonal(stream, scratch, H);
    }

    @Override
    public void sampledGradient(
        Matrix h, long seed, long stepPointer, Matrix gradient, Stream stream) {
      kernels.sampledGradient(stream, kind, h, seed, stepPointer, gradient);
    }

    @Override
    public void curvatureVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
      kernels.curvatureVector(stream, kind, h, v, product);
    }

    @Override
    public void hessianProduct(Matrix h, Matrix t, Matrix v, long perDatapoint, Stream stream) {
      kernels.hessianProduct(stream, kind, h, v, perDatapoint);
    }
  }
}
