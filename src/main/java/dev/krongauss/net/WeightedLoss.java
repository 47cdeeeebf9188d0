package dev.krongauss.net;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Weights;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Losses;

/** w_n E_n, with the weight as one more, last column of the targets. */
final class WeightedLoss implements LossFunction {
  private final LossFunction base;

  WeightedLoss(LossFunction base) {
    Check.that(
        !(base instanceof WeightedLoss),
        "loss '%s' has weights already; multiply the two columns of weights into one",
        base.name());
    Losses.checkSingleRows(base, "a column of weights");
    this.base = base;
  }

  /** The loss without weights. */
  LossFunction base() {
    return base;
  }

  @Override
  public String name() {
    return "weighted " + base.name();
  }

  @Override
  public int rank(int outputs) {
    return base.rank(outputs);
  }

  @Override
  public int targets(int outputs) {
    int targets = base.targets(outputs);
    Check.that(
        base.rank(outputs) > 0,
        "loss '%s' gives only the mean of its Hessians, into which weights cannot be put afterwards; give it a square"
            + " root, or put the weights into the loss itself",
        base.name());
    return targets + 1;
  }

  @Override
  public void checkTargets(float[] targets, int columns) {
    Check.that(
        columns >= 2,
        "targets with %d column for loss '%s'; the weight is one more column behind the targets",
        columns,
        name());
    int m = columns - 1;
    int rows = targets.length / columns;
    float[] rest = new float[rows * m];
    for (int n = 0; n < rows; n++) {
      float w = targets[n * columns + m];
      Check.that(
          Float.isFinite(w) && w >= 0,
          "the weight in row %d, column %d is %s; weights are finite and at least 0: 0 leaves a datapoint out, 2"
              + " counts it twice",
          n,
          m,
          w);
      System.arraycopy(targets, n * columns, rest, n * m, m);
    }
    base.checkTargets(rest, m);
  }

  @Override
  public Matrix weights(Matrix t) {
    return column(t);
  }

  @Override
  public boolean constantHessian() {
    return base.constantHessian();
  }

  @Override
  public boolean diagonalHessian() {
    return base.diagonalHessian();
  }

  @Override
  public boolean canSample() {
    return base.canSample();
  }

  @Override
  public OnDevice on(Device device) {
    return new Weighted(device);
  }

  @Override
  public String toString() {
    return name();
  }

  private static Matrix column(Matrix t) {
    return Matrix.wrap(t.pointer() + 4L * (t.columns() - 1), t.rows(), 1, t.stride());
  }

  private static Matrix targetsOf(Matrix t) {
    return t.columns(t.columns() - 1);
  }

  private final class Weighted implements OnDevice {
    private final OnDevice plain;
    private final Weights weights;
    private final SquareRoots roots;

    Weighted(Device device) {
      plain = base.on(device);
      weights = new Weights(device);
      roots = new SquareRoots(device, this::squareRoot);
    }

    @Override
    public boolean capturable() {
      return plain.capturable();
    }

    @Override
    public void reserve(int N, int d, Stream stream) {
      plain.reserve(N, d, stream);
      if (!(plain instanceof WeightedMean)) {
        roots.reserve(N, d, base.rank(d), stream);
      }
    }

    @Override
    public void evaluate(Matrix h, Matrix t, Matrix gradient, long perDatapoint, Stream stream) {
      plain.evaluate(h, targetsOf(t), gradient, perDatapoint, stream);
      weights.scaleValues(stream, column(t), perDatapoint);
      if (gradient != null) {
        weights.scale(stream, column(t), gradient, gradient);
      }
    }

    @Override
    public void squareRoot(Matrix h, Matrix t, Matrix C, Stream stream) {
      plain.squareRoot(h, targetsOf(t), C, stream);
      weights.scaleByRoot(stream, column(t), C, C);
    }

    @Override
    public void meanHessian(Matrix h, Matrix t, Matrix scratch, Matrix H, Stream stream) {
      if (plain instanceof WeightedMean direct) {
        direct.meanHessian(h, targetsOf(t), column(t), scratch, H, stream);
      } else {
        roots.mean(h, t, base.rank(h.columns()), H, stream);
      }
    }

    @Override
    public void meanHessianDiagonal(
        Matrix h, Matrix t, Matrix scratch, Matrix diagonal, Stream stream) {
      if (plain instanceof WeightedMean direct) {
        direct.meanHessianDiagonal(h, targetsOf(t), column(t), scratch, diagonal, stream);
      } else {
        roots.meanDiagonal(h, t, base.rank(h.columns()), diagonal, stream);
      }
    }

    @Override
    public void sampledGradient(
        Matrix h, Matrix t, long seed, long stepPointer, Matrix gradient, Stream stream) {
      plain.sampledGradient(h, targetsOf(t), seed, stepPointer, gradient, stream);
      weights.scaleByRoot(stream, column(t), gradient, gradient);
    }

    @Override
    public void curvatureVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
      plain.curvatureVector(h, targetsOf(t), v, product, stream);
      weights.scale(stream, column(t), product, product);
    }

    @Override
    public void hessianVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
      plain.hessianVector(h, targetsOf(t), v, product, stream);
      weights.scale(stream, column(t), product, product);
    }

    @Override
    public void hessianProduct(Matrix h, Matrix t, Matrix v, long perDatapoint, Stream stream) {
      plain.hessianProduct(h, targetsOf(t), v, perDatapoint, stream);
      weights.scaleValues(stream, column(t), perDatapoint);
    }

    @Override
    public void close() {
      roots.close();
      plain.close();
    }
  }
}
