package dev.krongauss.net;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.LossFunction;
import java.util.Arrays;

/** Residuals of datapoints that are m rows of a batch each, computed on the host. */
final class StackedLoss implements LossFunction {
  private final Residuals residuals;
  private final ResidualLoss loss;
  private final int m;

  /**
   * @param residuals of m d outputs, of more rows than one
   */
  StackedLoss(Residuals residuals) {
    this.residuals = residuals;
    this.loss = new ResidualLoss(residuals);
    this.m = residuals.rows();
  }

  @Override
  public String name() {
    return residuals.toString();
  }

  @Override
  public int stack() {
    return m;
  }

  @Override
  public int rank(int outputs) {
    return loss.rank(m * outputs);
  }

  @Override
  public int targets(int outputs) {
    int all = loss.targets(Check.count((long) m * outputs, "outputs of a datapoint"));
    Check.that(
        all % m == 0,
        "residuals '%s' of %d outputs, %d rows of %d, have %d columns of targets; each row of a batch has as"
            + " many: let targets(outputs) be a multiple of %d",
        name(),
        m * outputs,
        m,
        outputs,
        all,
        m);
    return all / m;
  }

  @Override
  public void checkTargets(float[] targets, int columns) {
    LossFunction.super.checkTargets(targets, columns);
    Check.that(
        targets.length % (m * columns) == 0,
        "%d rows of targets for loss '%s', whose datapoints are %d rows in a row; give a multiple of these",
        targets.length / columns,
        name(),
        m);
    Targets.rows(targets, m * columns, loss::checkTarget);
  }

  @Override
  public boolean canSample() {
    return false;
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
      float[][] H = datapoints(h, stream);
      float[][] T = datapoints(t, stream);
      float[][] gradients = new float[H.length][m * h.columns()];
      float[] values = new float[h.rows()];
      for (int g = 0; g < H.length; g++) {
        Arrays.fill(values, g * m, g * m + m, (float) loss.evaluate(H[g], T[g], gradients[g]));
      }
      HostArrays.upload(values, perDatapoint, stream);
      if (gradient != null) {
        HostArrays.upload(gradients, m, gradient, stream);
      }
    }

    /** Part u of column k of datapoint g is row (g m + u) K + k. */
    @Override
    public void squareRoot(Matrix h, Matrix t, Matrix C, Stream stream) {
      float[][] H = datapoints(h, stream);
      float[][] T = datapoints(t, stream);
      int d = h.columns();
      int K = rank(d);
      double factor = Math.sqrt(m);
      float[] parts = new float[C.rows() * d];
      for (int g = 0; g < H.length; g++) {
        float[][] root = root(H[g], T[g]);
        for (int k = 0; k < K; k++) {
          for (int j = 0; j < m * d; j++) {
            int row = (g * m + j / d) * K + k;
            parts[row * d + j % d] = (float) (factor * root[k][j]);
          }
        }
      }
      C.upload(parts, stream);
    }

    @Override
    public void curvatureVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
      float[][] V = datapoints(v, stream);
      HostArrays.upload(products(h, t, V, stream), m, product, stream);
    }

    @Override
    public void hessianVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
      throw new UnsupportedOperationException(
          name() + " knows first derivatives of its residuals alone; use the Gauss-Newton matrix");
    }

    @Override
    public void hessianProduct(Matrix h, Matrix t, Matrix v, long perDatapoint, Stream stream) {
      float[][] V = datapoints(v, stream);
      float[][] products = products(h, t, V, stream);
      float[] values = new float[v.rows()];
      for (int g = 0; g < V.length; g++) {
        float product = (float) HostArrays.dot(V[g], products[g]);
        Arrays.fill(values, g * m, g * m + m, product);
      }
      HostArrays.upload(values, perDatapoint, stream);
    }

    @Override
    public void meanHessian(Matrix h, Matrix t, Matrix scratch, Matrix H, Stream stream) {
      throw new UnsupportedOperationException(
          name() + " couples the rows of a datapoint, so that no row has a Hessian of its own");
    }

    @Override
    public void sampledGradient(
        Matrix h, Matrix t, long seed, long stepPointer, Matrix gradient, Stream stream) {
      throw new UnsupportedOperationException(name() + " cannot sample targets");
    }

    /** S Sᵀ v of each datapoint. */
    private float[][] products(Matrix h, Matrix t, float[][] V, Stream stream) {
      float[][] H = datapoints(h, stream);
      float[][] T = datapoints(t, stream);
      float[][] products = new float[V.length][];
      for (int g = 0; g < V.length; g++) {
        products[g] = HostArrays.product(root(H[g], T[g]), V[g]);
      }
      return products;
    }

    private float[][] root(float[] h, float[] t) {
      float[][] C = new float[loss.rank(h.length)][h.length];
      loss.squareRoot(h, t, C);
      return C;
    }

    private float[][] datapoints(Matrix matrix, Stream stream) {
      return HostArrays.datapoints(matrix, m, stream);
    }
  }
}
