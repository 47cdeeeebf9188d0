package dev.krongauss.net;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Mixture;
import dev.krongauss.kernel.Mixture.Curvature;
import dev.krongauss.kernel.Weights;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import java.util.Locale;

/** The mixture of two binary classifiers with one of its positive semidefinite curvatures. */
final class MixtureLoss implements LossFunction {
  private final Curvature curvature;

  MixtureLoss(Curvature curvature) {
    this.curvature = curvature;
  }

  @Override
  public String name() {
    return "mixture (" + curvature.name().toLowerCase(Locale.ROOT) + ")";
  }

  @Override
  public int rank(int outputs) {
    return 1;
  }

  @Override
  public int targets(int outputs) {
    Check.that(
        outputs == Mixture.OUTPUTS,
        "a mixture of two binary classifiers takes 3 outputs (the gate and two classifiers), not"
            + " %d; end the network with .dense(3, Activation.IDENTITY)",
        outputs);
    return 1;
  }

  @Override
  public void checkTargets(float[] targets, int columns) {
    Targets.bits(targets, columns, "a mixture of two binary classifiers");
  }

  @Override
  public boolean canSample() {
    return true;
  }

  @Override
  public OnDevice on(Device device) {
    return new Kernels(curvature, new Mixture(device), new Weights(device), Operations.of(device));
  }

  @Override
  public String toString() {
    return name();
  }

  private record Kernels(
      Curvature curvature, Mixture kernels, Weights weights, Operations operations)
      implements WeightedMean {
    @Override
    public boolean capturable() {
      return true;
    }

    @Override
    public void evaluate(Matrix h, Matrix t, Matrix gradient, long perDatapoint, Stream stream) {
      kernels.evaluate(stream, h, t, gradient, perDatapoint);
    }

    @Override
    public void squareRoot(Matrix h, Matrix t, Matrix C, Stream stream) {
      kernels.squareRoot(stream, h, t, curvature, C);
    }

    @Override
    public void meanHessian(Matrix h, Matrix t, Matrix w, Matrix scratch, Matrix H, Stream stream) {
      kernels.squareRoot(stream, h, t, curvature, scratch); // one column a datapoint
      if (w != null) {
        weights.scaleByRoot(stream, w, scratch, scratch);
      }
      operations.gram(stream, scratch, 1f / h.rows(), 0, H);
    }

    @Override
    public void meanHessianDiagonal(
        Matrix h, Matrix t, Matrix w, Matrix scratch, Matrix diagonal, Stream stream) {
      throw new UnsupportedOperationException("the Hessian of a mixture is not diagonal");
    }

    @Override
    public void sampledGradient(
        Matrix h, Matrix t, long seed, long stepPointer, Matrix gradient, Stream stream) {
      kernels.sampledGradient(stream, h, seed, stepPointer, gradient);
    }

    @Override
    public void curvatureVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
      kernels.product(stream, h, t, v, curvature, product, 0);
    }

    @Override
    public void hessianVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
      kernels.product(stream, h, t, v, Curvature.LITERAL, product, 0);
    }

    @Override
    public void hessianProduct(Matrix h, Matrix t, Matrix v, long perDatapoint, Stream stream) {
      kernels.product(stream, h, t, v, curvature, null, perDatapoint);
    }
  }
}
