package dev.krongauss.net;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.LossFunction;
import java.util.SplittableRandom;

/**
 * A user's loss on the host behind the interface of losses on the device. Copies go straight from
 * and to Java arrays, in any layout of the device's matrices: each waits anyway.
 */
final class HostLossFunction implements LossFunction {
  private final HostLoss loss;

  HostLossFunction(HostLoss loss) {
    Check.that(
        loss instanceof HostLoss.SquareRoot || loss instanceof HostLoss.MeanHessian,
        "loss '%s' has no curvature; implement HostLoss.SquareRoot, or HostLoss.MeanHessian for KFRA alone",
        loss.name());
    this.loss = loss;
  }

  @Override
  public String name() {
    return loss.name();
  }

  @Override
  public int rank(int outputs) {
    return loss instanceof HostLoss.SquareRoot root ? root.rank(outputs) : 0;
  }

  @Override
  public int targets(int outputs) {
    return loss.targets(outputs);
  }

  @Override
  public void checkTargets(float[] targets, int columns) {
    LossFunction.super.checkTargets(targets, columns);
    Targets.rows(targets, columns, loss::checkTarget);
  }

  @Override
  public boolean diagonalHessian() {
    return loss.diagonalHessian();
  }

  @Override
  public boolean canSample() {
    return loss instanceof HostLoss.Sampling;
  }

  @Override
  public OnDevice on(Device device) {
    return new OnHost();
  }

  @Override
  public String toString() {
    return name();
  }

  private final class OnHost implements OnDevice {
    @Override
    public void evaluate(Matrix h, Matrix t, Matrix gradient, long perDatapoint, Stream stream) {
      float[][] H = rows(h, stream);
      float[][] T = rows(t, stream);
      float[][] gradients = new float[H.length][h.columns()];
      float[] values = new float[H.length];
      for (int n = 0; n < H.length; n++) {
        values[n] = (float) loss.evaluate(H[n], T[n], gradients[n]);
      }
      HostArrays.upload(values, perDatapoint, stream);
      if (gradient != null) {
        upload(gradients, gradient, stream);
      }
    }

    @Override
    public void squareRoot(Matrix h, Matrix t, Matrix C, Stream stream) {
      float[][] H = rows(h, stream);
      float[][] T = rows(t, stream);
      float[][] roots = new float[C.rows()][];
      int K = rank(h.columns());
      for (int n = 0; n < H.length; n++) {
        System.arraycopy(rootOf(H[n], T[n]), 0, roots, n * K, K);
      }
      upload(roots, C, stream);
    }

    @Override
    public void meanHessian(Matrix h, Matrix t, Matrix scratch, Matrix H, Stream stream) {
      double[][] mean = mean(rows(h, stream), rows(t, stream));
      float[][] result = new float[mean.length][mean.length];
      for (int i = 0; i < mean.length; i++) {
        for (int j = 0; j < mean.length; j++) {
          result[i][j] = (float) mean[Math.max(i, j)][Math.min(i, j)];
        }
      }
      upload(result, H, stream);
    }

    @Override
    public void meanHessianDiagonal(
        Matrix h, Matrix t, Matrix scratch, Matrix diagonal, Stream stream) {
      double[][] mean = mean(rows(h, stream), rows(t, stream));
      float[] result = new float[mean.length];
      for (int i = 0; i < result.length; i++) {
        result[i] = (float) mean[i][i];
      }
      diagonal.upload(result, stream);
    }

    @Override
    public void sampledGradient(
        Matrix h, Matrix t, long seed, long stepPointer, Matrix gradient, Stream stream) {
      if (!(loss instanceof HostLoss.Sampling sampling)) {
        throw new UnsupportedOperationException(
            name() + " cannot sample targets; implement HostLoss.Sampling");
      }
      float[][] H = rows(h, stream);
      float[][] gradients = new float[H.length][h.columns()];
      float[] target = new float[t.columns()];
      int step = Float.floatToRawIntBits(Matrix.wrap(stepPointer, 1, 1, 1).download(stream)[0]);
      SplittableRandom update = new SplittableRandom(seed * 0x9e3779b97f4a7c15L + step);
      for (int n = 0; n < H.length; n++) {
        sampling.sample(H[n], update.split(), target);
        loss.evaluate(H[n], target, gradients[n]);
      }
      upload(gradients, gradient, stream);
    }

    @Override
    public void curvatureVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
      if (!(loss instanceof HostLoss.SquareRoot)) {
        throw new UnsupportedOperationException(
            name()
                + " gives only the mean of its curvatures; exact curvature needs"
                + " HostLoss.SquareRoot");
      }
      upload(products(h, t, rows(v, stream), stream), product, stream);
    }

    @Override
    public void hessianVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
      if (loss instanceof ResidualLoss) {
        throw new UnsupportedOperationException(
            name()
                + " knows first derivatives of its residuals alone; use the Gauss-Newton matrix,"
                + " or CudaLoss with a kernel loss_hessian_vector for the literal Hessian");
      }
      curvatureVector(h, t, v, product, stream);
    }

    @Override
    public void quadraticVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
      upload(products(h, t, rows(v, stream), stream), product, stream);
    }

    @Override
    public void hessianProduct(Matrix h, Matrix t, Matrix v, long perDatapoint, Stream stream) {
      float[][] V = rows(v, stream);
      float[][] products = products(h, t, V, stream);
      float[] values = new float[V.length];
      for (int n = 0; n < V.length; n++) {
        values[n] = (float) HostArrays.dot(V[n], products[n]);
      }
      HostArrays.upload(values, perDatapoint, stream);
    }

    private float[][] products(Matrix h, Matrix t, float[][] V, Stream stream) {
      float[][] H = rows(h, stream);
      float[][] T = rows(t, stream);
      double[][] mean = loss instanceof HostLoss.SquareRoot ? null : mean(H, T);
      float[][] products = new float[V.length][];
      for (int n = 0; n < V.length; n++) {
        products[n] =
            mean == null ? HostArrays.product(rootOf(H[n], T[n]), V[n]) : product(mean, V[n]);
      }
      return products;
    }
  }

  private float[][] rootOf(float[] h, float[] t) {
    HostLoss.SquareRoot root = (HostLoss.SquareRoot) loss;
    float[][] C = new float[root.rank(h.length)][h.length];
    root.squareRoot(h, t, C);
    return C;
  }

  private double[][] mean(float[][] H, float[][] T) {
    int d = H[0].length;
    double[][] mean = new double[d][d];
    if (loss instanceof HostLoss.MeanHessian given) {
      given.meanHessian(H, T, mean);
      return mean;
    }
    for (int n = 0; n < H.length; n++) {
      for (float[] c : rootOf(H[n], T[n])) {
        for (int i = 0; i < d; i++) {
          for (int j = 0; j <= i; j++) {
            mean[i][j] += (double) c[i] * c[j] / H.length;
          }
        }
      }
    }
    return mean;
  }

  /** A v of a symmetric matrix, of which the lower triangle is read. */
  private static float[] product(double[][] A, float[] v) {
    double[] sum = new double[v.length];
    for (int i = 0; i < v.length; i++) {
      for (int j = 0; j < v.length; j++) {
        sum[i] += A[Math.max(i, j)][Math.min(i, j)] * v[j];
      }
    }
    return HostArrays.floats(sum);
  }

  private static float[][] rows(Matrix matrix, Stream stream) {
    return HostArrays.datapoints(matrix, 1, stream);
  }

  private static void upload(float[][] rows, Matrix matrix, Stream stream) {
    HostArrays.upload(rows, 1, matrix, stream);
  }
}
