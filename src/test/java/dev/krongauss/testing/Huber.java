package dev.krongauss.testing;

import dev.krongauss.net.HostLoss;

/**
 * A loss of one's own on the host: Huber's, ½r² for |r| ≤ δ and δ(|r| − δ/2) beyond, summed over
 * the outputs, with r = h − t.
 *
 * <p>Its Hessian is 0 beyond δ, which would leave outliers without a curvature; the weight δ / |r|
 * of iteratively re-weighted least squares stands in its place.
 */
public class Huber implements HostLoss.SquareRoot {
  private final float delta;

  public Huber(float delta) {
    this.delta = delta;
  }

  @Override
  public String name() {
    return "huber(" + delta + ")";
  }

  @Override
  public boolean diagonalHessian() {
    return true;
  }

  @Override
  public double evaluate(float[] h, float[] t, float[] gradient) {
    double sum = 0;
    for (int i = 0; i < h.length; i++) {
      double r = (double) h[i] - t[i];
      double size = Math.abs(r);
      sum += size <= delta ? 0.5 * r * r : delta * (size - 0.5 * delta);
      gradient[i] = (float) Math.max(-delta, Math.min(delta, r));
    }
    return sum;
  }

  @Override
  public int rank(int outputs) {
    return outputs;
  }

  @Override
  public void squareRoot(float[] h, float[] t, float[][] C) {
    for (int i = 0; i < h.length; i++) {
      C[i][i] = (float) Math.sqrt(weight(h[i], t[i]));
    }
  }

  private double weight(float h, float t) {
    return Math.min(1, delta / Math.abs((double) h - t));
  }

  /** The same with the mean of its curvatures alone. */
  public static final class Mean implements HostLoss.MeanHessian {
    private final Huber huber;

    public Mean(float delta) {
      this.huber = new Huber(delta);
    }

    @Override
    public String name() {
      return huber.name() + ", mean curvature";
    }

    @Override
    public boolean diagonalHessian() {
      return true;
    }

    @Override
    public double evaluate(float[] h, float[] t, float[] gradient) {
      return huber.evaluate(h, t, gradient);
    }

    @Override
    public void meanHessian(float[][] h, float[][] t, double[][] H) {
      for (int n = 0; n < h.length; n++) {
        for (int i = 0; i < H.length; i++) {
          H[i][i] += huber.weight(h[n][i], t[n][i]) / h.length;
        }
      }
    }
  }
}
