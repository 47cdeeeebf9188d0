package dev.krongauss.testing;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.LossFunction;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceLoss;

/**
 * A user's own loss that computes on the host: it waits for the stream, computes in double, and
 * copies back. Here one of the reference losses times a constant; it cannot sample targets.
 */
public final class HostLoss implements LossFunction {
  private final ReferenceLoss loss;
  private final double factor;

  public HostLoss(ReferenceLoss loss, double factor) {
    this.loss = loss;
    this.factor = factor;
  }

  @Override
  public String name() {
    return factor + " times " + loss + " on the host";
  }

  @Override
  public int rank(int outputs) {
    return outputs;
  }

  @Override
  public boolean canSample() {
    return false;
  }

  @Override
  public OnDevice on(Device device) {
    return new Host();
  }

  private final class Host implements OnDevice {
    @Override
    public void evaluate(Matrix h, Matrix t, Matrix gradient, long perDatapoint, Stream stream) {
      double[][] H = download(h, stream);
      double[][] T = download(t, stream);
      double[][] values = new double[H.length][1];
      double[][] gradients = new double[H.length][];
      for (int n = 0; n < H.length; n++) {
        values[n][0] = factor * loss.value(H[n], T[n]);
        gradients[n] = loss.gradient(H[n], T[n]);
      }
      upload(values, Matrix.wrap(perDatapoint, H.length, 1, 1), stream);
      if (gradient != null) {
        upload(Algebra.scale(factor, gradients), gradient, stream);
      }
    }

    @Override
    public void squareRoot(Matrix h, Matrix t, Matrix C, Stream stream) {
      double[][] H = download(h, stream);
      double[][] rows = new double[C.rows()][];
      int K = h.columns();
      for (int n = 0; n < H.length; n++) {
        double[][] columns =
            Algebra.transpose(Algebra.scale(Math.sqrt(factor), loss.squareRoot(H[n])));
        System.arraycopy(columns, 0, rows, n * K, K);
      }
      upload(rows, C, stream);
    }

    @Override
    public void meanHessian(Matrix h, Matrix t, Matrix scratch, Matrix H, Stream stream) {
      double[][] outputs = download(h, stream);
      double[][] sum = Algebra.zeros(h.columns(), h.columns());
      for (double[] output : outputs) {
        sum = Algebra.combine(1, sum, factor / outputs.length, loss.hessian(output));
      }
      upload(sum, H, stream);
    }

    @Override
    public void sampledGradient(
        Matrix h, Matrix t, long seed, long stepPointer, Matrix gradient, Stream s) {
      throw new UnsupportedOperationException(name() + " has no sampled targets");
    }

    @Override
    public void hessianProduct(Matrix h, Matrix t, Matrix v, long perDatapoint, Stream stream) {
      double[][] H = download(h, stream);
      double[][] V = download(v, stream);
      double[][] values = new double[H.length][1];
      for (int n = 0; n < H.length; n++) {
        double[] product = Algebra.multiply(loss.hessian(H[n]), V[n]);
        for (int i = 0; i < product.length; i++) {
          values[n][0] += factor * product[i] * V[n][i];
        }
      }
      upload(values, Matrix.wrap(perDatapoint, H.length, 1, 1), stream);
    }
  }

  private static double[][] download(Matrix matrix, Stream stream) {
    return Algebra.matrix(matrix.download(stream), matrix.rows(), matrix.columns());
  }

  private static void upload(double[][] values, Matrix matrix, Stream stream) {
    matrix.upload(DeviceBatch.compact(values), stream);
  }
}
