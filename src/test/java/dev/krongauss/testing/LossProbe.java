package dev.krongauss.testing;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.LossFunction;
import dev.krongauss.reference.Algebra;

/** The operations of a loss on the device, for outputs and targets given on the host. */
public final class LossProbe implements AutoCloseable {
  private final Device device = TestDevice.get();
  private final Arena arena = device.newArena("loss probe");
  private final LossFunction loss;
  private final LossFunction.OnDevice operations;
  private final int N;
  private final int d;
  private final Matrix h;
  private final Matrix t;

  /** Matrices in the project's own layout, or in a foreign one. */
  public LossProbe(LossFunction loss, double[][] H, double[][] T, boolean foreign) {
    this.loss = loss;
    this.operations = loss.on(device);
    this.N = H.length;
    this.d = H[0].length;
    this.h = place(H, foreign);
    this.t = place(T, foreign);
  }

  /** E of each datapoint. */
  public double[] values() {
    return evaluate(null);
  }

  /** ∂E/∂h. */
  public double[][] gradients() {
    Matrix gradient = arena.matrix(N, d, "gradient");
    evaluate(gradient);
    return download(gradient);
  }

  private double[] evaluate(Matrix gradient) {
    Buffer values = arena.floats(N, "values");
    operations.evaluate(h, t, gradient, values.pointer(), device.stream());
    return doubles(values);
  }

  /** C_n C_nᵀ of each datapoint. */
  public double[][][] curvatures() {
    int K = loss.rank(d);
    Matrix C = arena.matrix(N * K, d, "C");
    operations.squareRoot(h, t, C, device.stream());
    double[][] rows = download(C);
    double[][][] result = new double[N][][];
    for (int n = 0; n < N; n++) {
      result[n] = Algebra.zeros(d, d);
      for (int k = 0; k < K; k++) {
        double[] c = rows[n * K + k];
        result[n] = Algebra.combine(1, result[n], 1, Algebra.outer(c, c));
      }
    }
    return result;
  }

  /** The mean curvature, lower triangle mirrored. */
  public double[][] meanHessian() {
    Matrix scratch = arena.matrix(N, d, "scratch");
    Matrix H = arena.matrix(d, d, "H");
    operations.meanHessian(h, t, scratch, H, device.stream());
    double[][] result = download(H);
    for (int i = 0; i < d; i++) {
      for (int j = i + 1; j < d; j++) {
        result[i][j] = result[j][i];
      }
    }
    return result;
  }

  /** The diagonal of the mean curvature, of a loss whose Hessian is diagonal. */
  public double[] meanHessianDiagonal() {
    Matrix scratch = arena.matrix(N, d, "scratch");
    Matrix diagonal = arena.matrix(1, d, "diagonal of H");
    operations.meanHessianDiagonal(h, t, scratch, diagonal, device.stream());
    return download(diagonal)[0];
  }

  /** ∂E/∂h at targets drawn in this update. */
  public double[][] sampledGradients(long seed, int update) {
    Buffer step = arena.ints(1, "step");
    step.uploadInts(new int[] {update}, device.stream());
    Matrix gradient = arena.matrix(N, d, "sampled gradient");
    operations.sampledGradient(h, t, seed, step.pointer(), gradient, device.stream());
    return download(gradient);
  }

  /** Curvature times v. */
  public double[][] curvatureVectors(double[][] V) {
    Matrix product = arena.matrix(N, d, "product");
    operations.curvatureVector(h, t, place(V, false), product, device.stream());
    return download(product);
  }

  /** The literal Hessian times v. */
  public double[][] hessianVectors(double[][] V) {
    Matrix product = arena.matrix(N, d, "product");
    operations.hessianVector(h, t, place(V, false), product, device.stream());
    return download(product);
  }

  /** vᵀ times curvature times v. */
  public double[] hessianProducts(double[][] V) {
    Buffer values = arena.floats(N, "values");
    operations.hessianProduct(h, t, place(V, false), values.pointer(), device.stream());
    return doubles(values);
  }

  @Override
  public void close() {
    operations.close();
    arena.close();
  }

  private Matrix place(double[][] values, boolean foreign) {
    if (foreign) {
      return DeviceBatch.foreign(arena, device, values);
    }
    Matrix matrix = arena.matrix(values.length, values[0].length, "rows");
    matrix.upload(DeviceBatch.compact(values), device.stream());
    return matrix;
  }

  private double[][] download(Matrix matrix) {
    return Algebra.matrix(matrix.download(device.stream()), matrix.rows(), matrix.columns());
  }

  private double[] doubles(Buffer values) {
    float[] floats = values.downloadFloats(N, device.stream());
    double[] result = new double[N];
    for (int n = 0; n < N; n++) {
      result[n] = floats[n];
    }
    return result;
  }
}
