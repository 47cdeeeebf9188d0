package dev.krongauss.testing;

import dev.krongauss.net.HostLoss;
import dev.krongauss.net.Loss.Split;
import dev.krongauss.reference.ReferenceMixture;
import java.util.random.RandomGenerator;

/** The mixture of two binary classifiers as a user would write it in Java. */
public final class HostMixture implements HostLoss.SquareRoot, HostLoss.Sampling {
  private final Split split;

  public HostMixture(Split split) {
    this.split = split;
  }

  @Override
  public String name() {
    return "mixture in Java, " + split;
  }

  @Override
  public int targets(int outputs) {
    return 1;
  }

  @Override
  public void checkTarget(float[] t) {
    if (t[0] != 0 && t[0] != 1) {
      throw new IllegalArgumentException(t[0] + " is neither 0 nor 1");
    }
  }

  @Override
  public double evaluate(float[] h, float[] t, float[] gradient) {
    ReferenceMixture at = at(h, t);
    copy(at.gradient(), gradient);
    return at.value();
  }

  @Override
  public int rank(int outputs) {
    return 1;
  }

  @Override
  public void squareRoot(float[] h, float[] t, float[][] C) {
    copy(split == Split.LOGIT ? at(h, t).logitRoot() : at(h, t).gradient(), C[0]);
  }

  @Override
  public void sample(float[] h, RandomGenerator random, float[] t) {
    t[0] = 1;
    t[0] = random.nextDouble() < at(h, t).probability() ? 1 : 0;
  }

  private static ReferenceMixture at(float[] h, float[] t) {
    return new ReferenceMixture(new double[] {h[0], h[1], h[2]}, (int) t[0]);
  }

  private static void copy(double[] from, float[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] = (float) from[i];
    }
  }
}
