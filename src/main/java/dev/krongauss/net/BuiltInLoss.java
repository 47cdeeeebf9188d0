package dev.krongauss.net;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Coefficients.Decision;
import dev.krongauss.kernel.Loss.Kind;
import dev.krongauss.kernel.LossHessian;
import dev.krongauss.kernel.LossRoot;
import dev.krongauss.kernel.StackedGram;
import dev.krongauss.kernel.Weights;
import dev.krongauss.kernel.argument.LossMean;
import dev.krongauss.kernel.operations.FusedLoss;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.tuning.Shapes;
import dev.krongauss.model.LossFunction;
import java.util.Locale;

/**
 * A loss whose operations are kernels of {@code kernels/loss.cu}, {@code loss_hessian.cu} and
 * {@code loss_root.cu}.
 */
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
  public boolean diagonalHessian() {
    return kind != Kind.SOFTMAX;
  }

  @Override
  public boolean constantHessian() {
    return kind == Kind.SQUARED;
  }

  /** A warp sums a row, which takes long for rows that would otherwise have a block. */
  @Override
  public boolean fuses(int outputs) {
    return outputs < Shapes.WIDE_ROW;
  }

  @Override
  public boolean canSample() {
    return true;
  }

  @Override
  public void checkTargets(float[] targets, int columns) {
    switch (kind) {
      case SQUARED -> LossFunction.super.checkTargets(targets, columns);
      case BERNOULLI -> Targets.probabilities(targets, columns, name());
      case SOFTMAX -> Targets.distributions(targets, columns);
    }
  }

  @Override
  public OnDevice on(Device device) {
    return new Kernels(
        kind,
        new dev.krongauss.kernel.Loss(device),
        new LossHessian(device),
        new StackedGram(device),
        new LossRoot(device),
        new Weights(device),
        Operations.of(device));
  }

  @Override
  public String toString() {
    return name();
  }

  private record Kernels(
      Kind kind,
      dev.krongauss.kernel.Loss loss,
      LossHessian hessian,
      StackedGram gram,
      LossRoot root,
      Weights weights,
      Operations operations)
      implements WeightedMean, FusedLoss {
    @Override
    public boolean capturable() {
      return true;
    }

    @Override
    public void evaluate(Matrix h, Matrix t, Matrix gradient, long perDatapoint, Stream stream) {
      loss.evaluate(stream, kind, h, t, gradient, perDatapoint);
    }

    @Override
    public void evaluate(
        Matrix h, Matrix t, Matrix gradient, long perDatapoint, LossMean mean, Stream stream) {
      loss.evaluate(stream, kind, h, t, gradient, perDatapoint, mean);
    }

    @Override
    public void decide(Matrix h, Matrix V, long arrived, Decision decision, Stream stream) {
      gram.decide(stream, kind, h, V, arrived, decision);
    }

    @Override
    public void squareRoot(Matrix h, Matrix t, Matrix C, Stream stream) {
      root.squareRoot(stream, kind, h, C);
    }

    @Override
    public void meanHessian(Matrix h, Matrix t, Matrix w, Matrix scratch, Matrix H, Stream stream) {
      if (kind != Kind.SOFTMAX) {
        hessian.meanDiagonal(stream, kind, h, w, H);
        return;
      }
      loss.probabilities(stream, kind, h, scratch);
      if (w != null) {
        weights.scaleByRoot(stream, w, scratch, scratch);
      }
      operations.gram(stream, scratch, -1f / h.rows(), 0, H); // right beside the diagonal
      hessian.laplacianDiagonal(stream, H);
    }

    @Override
    public void meanHessianDiagonal(
        Matrix h, Matrix t, Matrix w, Matrix scratch, Matrix diagonal, Stream stream) {
      hessian.meanDiagonal(stream, kind, h, w, diagonal);
    }

    @Override
    public void sampledGradient(
        Matrix h, Matrix t, long seed, long stepPointer, Matrix gradient, Stream stream) {
      loss.sampledGradient(stream, kind, h, seed, stepPointer, gradient);
    }

    @Override
    public void curvatureVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
      hessian.vector(stream, kind, h, v, product);
    }

    @Override
    public void hessianProduct(Matrix h, Matrix t, Matrix v, long perDatapoint, Stream stream) {
      hessian.product(stream, kind, h, v, perDatapoint);
    }
  }
}
